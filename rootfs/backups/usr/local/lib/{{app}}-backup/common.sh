#!/usr/bin/env bash
# What the backup scripts share. Sourced, with APP and the variables of backup.env set.
# BACKUP_ROOT puts all paths under another root, for tests.
# shellcheck disable=SC2034 # most of it is used by who sources this
set -euo pipefail
shopt -s inherit_errexit
umask 077
export LC_ALL=C # some messages are read
app=${APP:?}
root=${BACKUP_ROOT:-}
here=$(dirname "${BASH_SOURCE[0]}")
home=$root/opt/$app
data=$home/data
database=$data/lancedb
staging=$home/backups/staging
state=$root/var/lib/$app
notes=$state/backups
# What commands say goes into memory: a full disk would take it, too.
said=$root/run/$app-backup
locks=$root/run/lock
mkdir -p "$staging" "$notes" "$said" "$locks"
bucket=b2:${B2_BUCKET:?}
endpoint=${B2_ENDPOINT:-https://api.backblazeb2.com}
# With ten seconds to end in: ten minutes in all.
transfer_seconds=${BACKUP_TRANSFER_SECONDS:-590}

# By environment: arguments show in process lists. Small chunks, so that four of them fit in little memory.
export RCLONE_CONFIG=/dev/null RCLONE_CONFIG_B2_TYPE=b2
export RCLONE_CONFIG_B2_ACCOUNT=${B2_KEY_ID:?} RCLONE_CONFIG_B2_KEY=${B2_APP_KEY:?} RCLONE_CONFIG_B2_ENDPOINT=$endpoint
export RCLONE_B2_CHUNK_SIZE=16M RCLONE_B2_UPLOAD_CONCURRENCY=4 RCLONE_USE_MMAP=true
export RCLONE_RETRIES=3 RCLONE_RETRIES_SLEEP=2s RCLONE_LOW_LEVEL_RETRIES=6 RCLONE_TIMEOUT=60s RCLONE_CONTIMEOUT=15s
export RCLONE_LOG_LEVEL=ERROR

fail() { printf '%s\n' "$1" >&2 && exit 1; }

remote() { # SECONDS WORD...: rclone, bounded in time
  local seconds=$1 code=0
  shift
  timeout --kill-after=10 "$seconds" rclone "$@" || code=$?
  [ "$code" != 124 ] || fail "rclone $1: gave up after $seconds s"
  [ "$code" = 0 ] || fail "rclone $1 failed, see above"
}

lock() { # NAME PURPOSE: until this process ends; the one who has it gets LOCK_WAIT_SECONDS to end
  local file=$locks/$app-$1.lock
  exec {descriptor}>>"$file"
  flock --timeout "${LOCK_WAIT_SECONDS:-0}" "$descriptor" ||
    fail "the $1 lock of $app is held by $(cat "$file.holder" 2>/dev/null || echo someone): wait for it to end"
  printf '%s since %s\n' "$2" "$(date --utc +%Y-%m-%dT%H:%M:%SZ)" >"$file.holder"
}

running_image() { # of the release that serves
  local release
  release=$(basename "$(readlink "$state/current.sock" || true)" .sock)
  [ -n "$release" ] || fail "no release serves yet: deploy one first (pulumi up), for its own LanceDB is what reads the data"
  docker inspect --format '{{.Image}}' "$app-$release" || fail "the container $app-$release is gone: run pulumi up"
}

check_room() { # BYTES: on the disk of the staging folder, and some to spare
  local needed free
  needed=$(($1 + 64 * 1024 * 1024))
  free=$(df --output=avail --block-size=1 "$staging" | tail --lines 1)
  [ "$free" -ge "$needed" ] || fail "$staging has $((free / 1048576)) MiB free and may need $((needed / 1048576)): make room on its disk"
}

# The host may be small, and the app runs on it: with LanceDB's defaults a scan was seen to take 700 MiB, with these 140.
frugal=(--env LANCE_DEFAULT_BATCH_SIZE=1024 --env LANCE_DEFAULT_FRAGMENT_READAHEAD=1 --env LANCE_DEFAULT_IO_BUFFER_SIZE=8388608
  --env MALLOC_MMAP_THRESHOLD_=131072)

scan() { # DIR: every table read in full by the running image's LanceDB, as JSON; fails when one cannot be, or none is there
  local image
  image=$(running_image) || return 125
  docker rm --force "$app-scan" >/dev/null 2>&1 || true
  timeout --kill-after=10 3600 docker run --rm --interactive --name "$app-scan" --network none --read-only --tmpfs /tmp \
    --cap-drop ALL --security-opt no-new-privileges --pids-limit 512 --memory 2g --memory-swap 2g \
    "${frugal[@]}" --mount "type=bind,source=$1,target=/snapshot,readonly" --workdir /app --entrypoint node "$image" \
    --expose-gc --input-type=module - /snapshot <"$here/scan.mjs"
}

beside() { # NAME: a folder on the data's own file system, which hard links and renames need
  if [ -d "$database" ] && [ "$(stat --format %d "$database")" != "$(stat --format %d "$data")" ]; then
    echo "$database/$1"
  else
    echo "$data/$1"
  fi
}

proved() { # OBJECT SHA256: what the bucket gives back is what was sent
  local found
  found=$(remote "$transfer_seconds" cat "$bucket/$1" | sha256sum | cut -d ' ' -f 1)
  [ "$found" = "$2" ] || fail "the bucket gives back other bytes than were sent: $1 has sha256 $found, not $2"
}

records() { # every verified backup, oldest first, as one JSON array
  { remote 120 cat "$bucket" --include '/daily/*.json' --include '/permanent/*.json'; } | jq --slurp 'sort_by(.createdAt, .retentionDays)' ||
    fail "the records in the bucket do not read, see above"
}
