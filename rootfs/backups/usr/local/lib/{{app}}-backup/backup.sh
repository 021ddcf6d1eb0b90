#!/usr/bin/env bash
# Makes one backup and proves it.   backup.sh daily|permanent   (environment: common.sh)
# A backup counts once its record (<name>.json) lies beside it in the bucket, and that is written last.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=snapshot.sh
. "$here/snapshot.sh"
kind=${1:-daily}
started=$(date +%s)
snapshot='' tables='[]' record=null step=''
keep=7 attempts=8 minutes_apart=15

clean() {
  rm -rf "${staging:?}"/*
  if [ -d "$database" ]; then rm -rf "$(beside .backup-snapshot)"; fi
}

tell() { # STATUS: what is or became of this run, for ops and for the watch
  jq --null-input --arg status "$1" --arg step "$step" --arg kind "$kind" \
    --arg error "$(tail --lines 5 "$said/errors")" --argjson started "$started" --argjson now "$(date +%s)" \
    --argjson tables "$tables" --argjson record "$record" \
    '{status: $status, kind: $kind, step: $step, error: $error, startedAt: ($started | todate), completedAt: ($now | todate),
      durationSeconds: ($now - $started), tables: $tables, record: $record}' >"$notes/last-run.json.new" &&
    mv "$notes/last-run.json.new" "$notes/last-run.json"
}

enter() { # STEP
  step=$1
  tell running
}

finish() {
  local code=$?
  trap - EXIT
  if [ "$step" = 'ended' ]; then
    tell success || true
  else
    clean || true
    tell failed || true
  fi
  cat "$said/errors" >&"$console" || true
  # A signal leaves the code of the last command, which may be 0.
  if [ "$step" != 'ended' ] && [ "$code" = 0 ]; then code=1; fi
  exit "$code"
}

check_clock() { # names and ages come from this clock
  local theirs apart
  theirs=$(curl --silent --show-error --head --max-time 20 --retry 2 "$endpoint" | tr -d '\r' | sed -n 's/^[Dd]ate: //p') ||
    fail "no answer from $endpoint, see above: check the network and the endpoint"
  [ -n "$theirs" ] || fail "$endpoint answers without a date: it is not Backblaze's API"
  apart=$((($(date +%s) - $(date --date "$theirs" +%s)) / 60))
  [ "${apart#-}" -lt "$minutes_apart" ] || fail "this host's clock is $apart minutes off Backblaze's: set it (timedatectl set-ntp true)"
}

check_bucket() { # before anything is done for nothing
  (remote 120 lsjson "$bucket" >/dev/null) ||
    fail "the bucket $B2_BUCKET does not open with this host's key, see above. Was the key revoked? pulumi up --refresh makes a new one"
}

take_snapshot() { # a table that is compacted and cleaned up meanwhile may lose a file under the copy: then once more
  local attempt
  snapshot=$(beside .backup-snapshot)
  for attempt in $(seq "$attempts"); do
    snapshot_into "$snapshot" "$database"
    if tables=$(scan "$snapshot" 2>"$said/scan-errors"); then return; fi
    [ "$attempt" = "$attempts" ] || sleep "0.$((RANDOM % 5 + 1))"
  done
  tables='[]'
  cat "$said/scan-errors" "$said/vanished" >&2
  fail "the data does not read: no backup of it would (ops doctor says which table)"
}

pack() {
  checksum=$(tar --create --directory "$snapshot" --numeric-owner . | zstd --quiet -T0 | tee "$staging/archive" | sha256sum | cut -d ' ' -f 1)
  bytes=$(stat --format %s "$staging/archive")
  [ "$bytes" -gt 0 ] || fail "the archive is empty"
  rm -rf "$snapshot"
}

write_record() { # PREFIX DAYS: the entity of data-model.md section 1; 0 days: never deleted
  record=$(jq --null-input --compact-output --arg id "backup-$(date --utc --date "@$started" +%Y%m%d)" --arg location "$B2_BUCKET/$1/$name.tar.zst" \
    --arg checksum "$checksum" --argjson bytes "$bytes" --argjson days "$2" --argjson created "$started" \
    '{id: $id, createdAt: ($created | todate), sizeBytes: $bytes, location: $location, checksum: $checksum, retentionDays: $days}')
  printf '%s\n' "$record" >"$staging/record.json"
  remote 120 copyto "$staging/record.json" "$bucket/$1/$name.json"
}

bases() { sed --quiet "s/\.$1\$//p" | sort; } # ENDING: the names that have it

retain() { # hide what is not among the newest that are proved; the record first, for without it nothing counts
  local names proved name ending
  names=$(remote 120 lsjson "$bucket/daily" --files-only --no-modtime --no-mimetype | jq --raw-output '.[].Path')
  proved=$(comm -12 <(bases json <<<"$names") <(bases tar.zst <<<"$names") | tail --lines "$keep")
  cut --delimiter=. --fields=1 <<<"$names" | sort --unique | while IFS= read -r name; do
    if grep --quiet --line-regexp --fixed-strings "$name" <<<"$proved"; then continue; fi
    for ending in json tar.zst; do
      if grep --quiet --line-regexp --fixed-strings "$name.$ending" <<<"$names"; then
        remote 60 deletefile "$bucket/daily/$name.$ending" </dev/null
      fi
    done
  done
}

run() {
  enter 'checking'
  [ -d "$database" ] || fail "$database does not exist: there is nothing to back up"
  clean
  check_clock
  check_bucket
  # Files come and go under it: what it could not see any more needs no room.
  check_room "$({ du --summarize --bytes "$database" 2>/dev/null || true; } | cut --fields=1)"
  enter 'snapshot and scan'
  take_snapshot
  enter 'packing'
  pack
  name=backup-$(date --utc --date "@$started" +%Y%m%dT%H%M%SZ)-${checksum:0:8}
  enter 'upload'
  remote "$transfer_seconds" copyto "$staging/archive" "$bucket/daily/$name.tar.zst"
  enter 'proof'
  proved "daily/$name.tar.zst" "$checksum"
  enter 'record'
  write_record daily 7
  if [ "$kind" = permanent ]; then
    enter 'permanent copy'
    remote "$transfer_seconds" copyto "$bucket/daily/$name.tar.zst" "$bucket/permanent/$name.tar.zst"
    proved "permanent/$name.tar.zst" "$checksum"
    write_record permanent 0
  fi
  enter 'verified'
  printf '%s\n' "$record" >"$notes/last-verified.json.new"
  mv "$notes/last-verified.json.new" "$notes/last-verified.json"
  enter 'hiding old ones'
  retain
  clean
  enter 'done'
  if [ -n "${DEAD_MAN_URL:-}" ]; then
    printf 'url = "%s"\n' "$DEAD_MAN_URL" | curl --silent --fail --max-time 20 --retry 2 --output /dev/null --config - ||
      printf 'the dead-man URL did not answer\n' >&2
  fi
}

case $kind in daily | permanent) ;; *) fail "backup.sh daily|permanent" ;; esac
# A restore in place has it already.
[ -n "${UNDER_LOCK:-}" ] || lock backup "a $kind backup"
exec {console}>&2
: >"$said/errors"
trap finish EXIT
run 2>"$said/errors"
step='ended'
