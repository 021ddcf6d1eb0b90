#!/usr/bin/env bash
# Makes one backup and verifies it.   backup.sh daily|permanent   (environment: common.sh)
# An archive without a record (<name>.json) beside it is not a backup. The record is written last.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=data.sh
. "$here/data.sh"
kind=${1:-daily}
started=$(date +%s)
tables='[]' record=null step=''
keep=7 attempts=8 minutes_apart=15

clean() {
  rm -rf "${staging:?}"/*
  remove_directory "$scratch/snapshot"
}

write_run() { # STATUS: describes this run for ops and for the alerts
  jq --null-input --arg status "$1" --arg step "$step" --arg kind "$kind" \
    --arg error "$(tail --lines 5 "$messages/errors")" --argjson started "$started" --argjson now "$(date +%s)" \
    --argjson tables "$tables" --argjson record "$record" \
    '{status: $status, kind: $kind, step: $step, error: $error, startedAt: ($started | todate), completedAt: ($now | todate),
      durationSeconds: ($now - $started), tables: $tables, record: $record}' >"$notes/last-run.json.new" &&
    mv "$notes/last-run.json.new" "$notes/last-run.json"
}

enter() { # STEP
  step=$1
  write_run running
}

finish() {
  local code=$?
  trap - EXIT
  if [ "$step" = 'ended' ]; then
    write_run success || true
  else
    clean || true
    write_run failed || true
  fi
  cat "$messages/errors" >&"$console" || true
  # After a signal, $? is the code of the last command, which may be 0.
  if [ "$step" != 'ended' ] && [ "$code" = 0 ]; then code=1; fi
  exit "$code"
}

check_clock() { # the names and ages of backups come from this clock
  local answered apart
  answered=$(curl --silent --show-error --head --max-time 20 --retry 2 "$endpoint" | tr -d '\r' | sed -n 's/^[Dd]ate: //p') ||
    fail "no answer from $endpoint, see above: check the network and the endpoint"
  [ -n "$answered" ] || fail "$endpoint answers without a date: it is not Backblaze's API"
  apart=$((($(date +%s) - $(date --date "$answered" +%s)) / 60))
  [ "${apart#-}" -lt "$minutes_apart" ] || fail "the clock of this server differs from Backblaze's by $apart minutes: set it (timedatectl set-ntp true)"
}

check_bucket() { # before the long steps
  (remote 120 lsjson "$bucket" >/dev/null) ||
    fail "this server's key cannot open the bucket $B2_BUCKET, see above. If the key was revoked, pulumi up --refresh makes a new one"
}

check_space() { # the archive needs room, and a snapshot too if it cannot be made of hard links
  local name bytes total=0
  for name in "${directories[@]}"; do
    # Files disappear while du runs. They need no room.
    bytes=$({ as_app du --summarize --bytes "$data/$name" 2>/dev/null || true; } | cut --fields=1)
    if [ -z "${linked[${kind_of[$name]}]:-}" ] || ! same_mount "$data/$name" "$scratch"; then bytes=$((2 * bytes)); fi
    total=$((total + bytes))
  done
  check_room "$total"
}

copy_all() { # into the snapshot
  local name
  for name in "${directories[@]}"; do "${kind_of[$name]}_copy" "$name" "$scratch/snapshot/$name" || return 1; done
}

take_snapshot() { # the app may remove files during the copy, such as a compaction of a database: then again
  local attempt code=0
  for attempt in $(seq "$attempts"); do
    make_directory "$scratch/snapshot"
    bounded "$messages/copy" copy_all || { cat "$messages/copy" >&2 && exit 1; }
    code=0
    tables=$(bounded "$messages/scan" read_all "$scratch/snapshot" "${directories[@]}") || code=$?
    if [ "$code" = 0 ]; then return; fi
    tables='[]'
    if [ "$code" != 1 ]; then cat "$messages/scan" >&2 && fail "the data was not read, see above, so there is no backup of it"; fi
    [ "$attempt" = "$attempts" ] || sleep "0.$((RANDOM % 5 + 1))"
  done
  cat "$messages/scan" "$messages/copy" >&2
  fail "the data cannot be read, so there is no backup of it. To see which part: ops doctor"
}

check_content() { # a folder that was lost and made again is empty: its backups would push out the good ones
  [ "$(jq 'any(.[]; .rows != null or .files != 0)' <<<"$tables")" = true ] || fail "the data is empty; refusing to back up"
}

# Archives of one directory of the plain kind hold its content, as those of earlier versions of this program. Others hold a
# directory for each directory of the data, and data.json, which names them.
is_plain() { [ "${#directories[@]}" = 1 ] && [ "${kind_of[${directories[0]}]}" = "$plain_kind" ]; }

packed() { # prints the directory that is packed
  if is_plain; then echo "$scratch/snapshot/${directories[0]}" && return; fi
  # shellcheck disable=SC2016 # the inner bash expands it
  jq --null-input --arg data "$DATA" '{directories: $data | split(",") | map(split(":") | {(.[0]): .[1]}) | add}' |
    as_app bash -c 'cat >"$1"' - "$scratch/snapshot/data.json"
  echo "$scratch/snapshot"
}

pack() {
  local from
  from=$(packed)
  # A database can write a file under a temporary name and link it to its final name, so one file may have two names.
  checksum=$(as_app tar --create --directory "$from" --hard-dereference --numeric-owner . |
    zstd --quiet -T0 | tee "$staging/archive" | sha256sum | cut -d ' ' -f 1)
  bytes=$(stat --format %s "$staging/archive")
  [ "$bytes" -gt 0 ] || fail "the archive is empty"
  remove_directory "$scratch/snapshot"
}

write_record() { # PREFIX DAYS: docs/data-model.md section 1, "Backup"; 0 days: it is never deleted
  record=$(jq --null-input --compact-output --arg id "backup-$(date --utc --date "@$started" +%Y%m%d)" --arg location "$B2_BUCKET/$1/$name.tar.zst" \
    --arg checksum "$checksum" --argjson bytes "$bytes" --argjson days "$2" --argjson created "$started" \
    '{id: $id, createdAt: ($created | todate), sizeBytes: $bytes, location: $location, checksum: $checksum, retentionDays: $days}')
  printf '%s\n' "$record" >"$staging/record.json"
  remote 120 copyto "$staging/record.json" "$bucket/$1/$name.json"
}

bases() { sed --quiet "s/\.$1\$//p" | sort; } # ENDING: the names with that ending, without it

own() { # the names of backups of this data: each ends with the id of its data
  if [ -n "$identity" ]; then grep -- "-${identity%%-*}\." || true; else grep --invert-match --extended-regexp -- '-[0-9a-f]{8}-[0-9a-f]{8}\.' || true; fi
}

hide_old() { # keeps the newest verified backups; hides the record first, because an archive without a record is no backup
  local names verified name ending
  names=$(remote 120 lsjson "$bucket/daily" --files-only --no-modtime --no-mimetype | jq --raw-output '.[].Path' | own)
  verified=$(comm -12 <(bases json <<<"$names") <(bases tar.zst <<<"$names") | tail --lines "$keep")
  cut --delimiter=. --fields=1 <<<"$names" | sort --unique | while IFS= read -r name; do
    if grep --quiet --line-regexp --fixed-strings "$name" <<<"$verified"; then continue; fi
    for ending in json tar.zst; do
      if grep --quiet --line-regexp --fixed-strings "$name.$ending" <<<"$names"; then
        remote 60 deletefile "$bucket/daily/$name.$ending" </dev/null
      fi
    done
  done
}

run() {
  enter 'checking'
  use_data
  for name in "${directories[@]}"; do
    as_app test -d "$data/$name" || fail "$data/$name does not exist: there is nothing to back up"
  done
  clean
  check_clock
  check_bucket
  check_space
  enter 'snapshot and scan'
  take_snapshot
  check_content
  enter 'packing'
  pack
  name=backup-$(date --utc --date "@$started" +%Y%m%dT%H%M%SZ)-${checksum:0:8}${identity:+-${identity%%-*}}
  enter 'upload'
  remote "$transfer_seconds" copyto "$staging/archive" "$bucket/daily/$name.tar.zst"
  enter 'verification'
  verify "daily/$name.tar.zst" "$checksum"
  enter 'record'
  write_record daily 7
  if [ "$kind" = permanent ]; then
    enter 'permanent copy'
    remote "$transfer_seconds" copyto "$bucket/daily/$name.tar.zst" "$bucket/permanent/$name.tar.zst"
    verify "permanent/$name.tar.zst" "$checksum"
    write_record permanent 0
  fi
  enter 'verified'
  printf '%s\n' "$record" >"$notes/last-verified.json.new"
  mv "$notes/last-verified.json.new" "$notes/last-verified.json"
  enter 'hiding old backups'
  hide_old
  clean
  enter 'done'
  if [ -n "${DEAD_MAN_URL:-}" ]; then
    printf 'url = "%s"\n' "$DEAD_MAN_URL" | curl --silent --fail --max-time 20 --retry 2 --output /dev/null --config - ||
      printf 'the dead-man URL does not answer\n' >&2
  fi
}

case $kind in daily | permanent) ;; *) fail "backup.sh daily|permanent" ;; esac
# A restore in place holds the lock already.
[ -n "${UNDER_LOCK:-}" ] || lock backup "a $kind backup"
exec {console}>&2
: >"$messages/errors"
trap finish EXIT
run 2>"$messages/errors"
step='ended'
