#!/usr/bin/env bash
# Shared by the backup scripts: paths, the bucket, locks. Source it with APP and the variables of backup.env set.
# TEST_ROOT puts all paths under another directory. Only tests set it.
# shellcheck disable=SC2034 # the scripts that source this file use these variables
set -euo pipefail
shopt -s inherit_errexit
umask 077
export LC_ALL=C # snapshot.sh and restore.sh parse messages of cp and tar
app=${APP:?}
root=${TEST_ROOT:-}
here=$(dirname "${BASH_SOURCE[0]}")
home=$root/opt/$app
staging=$home/backups/staging
state=$root/var/lib/$app
notes=$state/backups
# Locks, and messages of commands: in memory, because a full disk must not hide why a command failed.
# Id of the data (draw-identity). A bucket can hold backups of several. Data of an earlier version has none.
identity=$(cat "$home/identity" 2>/dev/null || true)
run_directory=$root/run/$app
messages=$run_directory/backup
mkdir -p "$staging" "$notes" "$messages"
export TMPDIR=$messages # bash writes here-documents there, and /tmp may be read-only
bucket=b2:${B2_BUCKET:?}
endpoint=${B2_ENDPOINT:-https://api.backblazeb2.com}
# Ten minutes in all: `remote` adds ten seconds in which rclone can stop.
transfer_seconds=${BACKUP_TRANSFER_SECONDS:-590}

# rclone reads its settings from the environment, because other users can read the arguments of a process.
# Four chunks of this size fit into the memory of a small server.
export RCLONE_CONFIG=/dev/null RCLONE_CONFIG_B2_TYPE=b2
export RCLONE_CONFIG_B2_ACCOUNT=${B2_KEY_ID:?} RCLONE_CONFIG_B2_KEY=${B2_APP_KEY:?} RCLONE_CONFIG_B2_ENDPOINT=$endpoint
export RCLONE_B2_CHUNK_SIZE=16M RCLONE_B2_UPLOAD_CONCURRENCY=4 RCLONE_USE_MMAP=true
export RCLONE_RETRIES=3 RCLONE_RETRIES_SLEEP=2s RCLONE_LOW_LEVEL_RETRIES=6 RCLONE_TIMEOUT=60s RCLONE_CONTIMEOUT=15s
export RCLONE_LOG_LEVEL=ERROR

fail() { printf '%s\n' "$1" >&2 && exit 1; }

remote() { # SECONDS WORD...: runs rclone with a time limit
  local seconds=$1 code=0
  shift
  timeout --kill-after=10 "$seconds" rclone "$@" || code=$?
  [ "$code" != 124 ] || fail "rclone $1: stopped after $seconds s without an end"
  [ "$code" = 0 ] || fail "rclone $1 failed, see above"
}

lock_file() { echo "$run_directory/$1.lock"; } # NAME: `backup`, or `rollout`, which the steps of a rollout take too

# A rollout of an earlier version of this program holds this lock instead. Every user can make files in its directory: only
# a file of root is a lock.
former_lock=$root/run/lock/$app-rollout.lock
has_former_lock() { [ "$1" = rollout ] && [ -f "$former_lock" ] && [ ! -L "$former_lock" ] && [ -O "$former_lock" ]; } # NAME

is_free() { # NAME: nobody holds the lock
  (exec {descriptor}>>"$(lock_file "$1")" && flock --nonblock "$descriptor") || return 1
  if has_former_lock "$1"; then flock --nonblock "$former_lock" true; fi
}

hold() { # NAME FILE DESCRIPTOR
  flock --timeout "${LOCK_WAIT_SECONDS:-0}" "$3" ||
    fail "the $1 lock of $app is held by $(cat "$2.holder" 2>/dev/null || echo "an unknown process"): wait until it ends"
}

lock() { # NAME PURPOSE: holds the lock until this process ends; waits LOCK_WAIT_SECONDS for another holder
  local file descriptor
  file=$(lock_file "$1")
  exec {descriptor}>>"$file"
  hold "$1" "$file" "$descriptor"
  if has_former_lock "$1"; then
    exec {descriptor}<"$former_lock"
    hold "$1" "$former_lock" "$descriptor"
  fi
  printf '%s since %s\n' "$2" "$(date --utc +%Y-%m-%dT%H:%M:%SZ)" >"$file.holder"
}

check_room() { # BYTES: the file system of the staging directory has these bytes free, and 64 MiB more
  local needed free
  needed=$(($1 + 64 * 1024 * 1024))
  free=$(df --output=avail --block-size=1 "$staging" | tail --lines 1)
  [ "$free" -ge "$needed" ] || fail "$staging has $((free / 1048576)) MiB free and may need $((needed / 1048576)): free some space on its disk"
}

verify() { # OBJECT SHA256: downloads the object and compares its checksum
  local found
  found=$(remote "$transfer_seconds" cat "$bucket/$1" | sha256sum | cut -d ' ' -f 1)
  [ "$found" = "$2" ] || fail "$1 differs after the upload: its sha256 in the bucket is $found, expected $2"
}

records() { # all verified backups, oldest first, as one JSON array
  { remote 120 cat "$bucket" --include '/daily/*.json' --include '/permanent/*.json'; } | jq --slurp 'sort_by(.createdAt, .retentionDays)' ||
    fail "the records in the bucket cannot be read, see above"
}
