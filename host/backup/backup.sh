#!/usr/bin/env bash
# Makes one backup and proves it.   backup.sh daily|permanent   (environment: common.sh)
# A backup counts once its record (<name>.json) lies beside it in the bucket, and that is written last.
# shellcheck source=host/backup/common.sh
. "$(dirname "$0")/common.sh"
kind=${1:-daily}
started=$(date +%s)
snapshot='' tables='[]' record=null step='starting'
keep=7 attempts=8 quick_attempts=20 minutes_apart=15

clean() {
  rm -rf "${staging:?}"/*
  if [ -d "$database" ]; then rm -rf "$(beside .backup-snapshot)"; fi
}

tell() { # CODE: what became of this run, for ops and for the watch
  mkdir -p "$notes"
  jq --null-input --arg status "$([ "$1" = 0 ] && echo success || echo failed)" --arg step "$step" --arg kind "$kind" \
    --arg error "$(tail --lines 5 "$notes/errors" 2>/dev/null)" --argjson started "$started" --argjson now "$(date +%s)" \
    --argjson tables "$tables" --argjson record "$record" \
    '{status: $status, kind: $kind, step: $step, error: $error, startedAt: ($started | todate), completedAt: ($now | todate),
      durationSeconds: ($now - $started), tables: $tables, record: $record}' >"$notes/last-run.json.new"
  mv "$notes/last-run.json.new" "$notes/last-run.json"
}

finish() {
  local code=$?
  trap - EXIT
  if [ "$code" != 0 ]; then clean || true; fi
  tell "$code" || true
  cat "$notes/errors" >&"$console" || true
  exit "$code"
}

check_clock() { # names and ages come from this clock
  local theirs apart
  theirs=$(curl --silent --show-error --head --max-time 20 --retry 2 "$endpoint" | tr -d '\r' | sed -n 's/^[Dd]ate: //p')
  [ -n "$theirs" ] || fail "no answer from $endpoint: check the network and the endpoint"
  apart=$((($(date +%s) - $(date --date "$theirs" +%s)) / 60))
  [ "${apart#-}" -lt "$minutes_apart" ] || fail "this host's clock is $apart minutes off Backblaze's: set it (timedatectl set-ntp true)"
}

check_space() {
  local needed free
  # Files come and go under it: what it could not see any more needs no room.
  needed=$(($({ du --summarize --bytes "$database" 2>/dev/null || true; } | cut --fields=1) + 64 * 1024 * 1024))
  free=$(df --output=avail --block-size=1 "$staging" | tail --lines 1)
  [ "$free" -ge "$needed" ] || fail "$staging has $((free / 1048576)) MiB free and may need $((needed / 1048576)): make room on its disk"
}

link_into() { # DIR: the manifests first, so that every file they name is there when it is linked in turn
  rm -rf "$1"
  mkdir -m 0755 "$1"
  (
    cd "$database"
    find . -path './.*' -prune -o -type d -name _versions -print0 | xargs -0 -r cp -al --parents --target-directory "$1" || true
    find . -path './.*' -prune -o -name _versions -prune -o ! -type d -print0 |
      xargs -0 -r cp -al --parents --target-directory "$1" || true
  ) 2>"$notes/vanished"
}

settled() { # DIR: no table was cleaned up past its newest manifest while it was linked
  local versions newest
  while IFS= read -r versions; do
    newest=$(cd "$1/$versions" && find . -maxdepth 1 -name '*.manifest' -printf '%T@ %f\n' | sort --numeric-sort | tail --lines 1 | cut -d ' ' -f 2)
    [ -e "$database/$versions/$newest" ] || return 1
  done < <(cd "$1" && find . -type d -name _versions)
}

take_snapshot() { # a table that is compacted and cleaned up meanwhile may lose a file under the copy: then once more
  local attempt quick
  snapshot=$(beside .backup-snapshot)
  for attempt in $(seq "$attempts"); do
    for quick in $(seq "$quick_attempts"); do
      link_into "$snapshot"
      if settled "$snapshot" || [ "$quick" = "$quick_attempts" ]; then break; fi
    done
    if tables=$(scan "$snapshot" 2>"$notes/scan-errors"); then return; fi
    [ "$attempt" = "$attempts" ] || sleep "0.$((RANDOM % 5 + 1))"
  done
  tables='[]'
  cat "$notes/scan-errors" "$notes/vanished" >&2
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
  step='checking'
  [ -d "$database" ] || fail "$database does not exist: there is nothing to back up"
  clean
  check_clock
  check_space
  step='snapshot and scan'
  take_snapshot
  step='packing'
  pack
  name=backup-$(date --utc --date "@$started" +%Y%m%dT%H%M%SZ)-${checksum:0:8}
  step='upload'
  remote "$transfer_seconds" copyto "$staging/archive" "$bucket/daily/$name.tar.zst"
  step='proof'
  proved "daily/$name.tar.zst" "$checksum"
  step='record'
  write_record daily 7
  if [ "$kind" = permanent ]; then
    step='permanent copy'
    remote "$transfer_seconds" copyto "$bucket/daily/$name.tar.zst" "$bucket/permanent/$name.tar.zst"
    proved "permanent/$name.tar.zst" "$checksum"
    write_record permanent 0
  fi
  step='verified'
  printf '%s\n' "$record" >"$notes/last-verified.json.new"
  mv "$notes/last-verified.json.new" "$notes/last-verified.json"
  step='hiding old ones'
  retain
  clean
  step='done'
  if [ -n "${DEAD_MAN_URL:-}" ]; then
    printf 'url = "%s"\n' "$DEAD_MAN_URL" | curl --silent --fail --max-time 20 --retry 2 --output /dev/null --config - ||
      printf 'the dead-man URL did not answer\n' >&2
  fi
}

case $kind in daily | permanent) ;; *) fail "backup.sh daily|permanent" ;; esac
mkdir -p "$notes" "$staging"
lock "$app-backup.lock" "another backup or restore"
exec {console}>&2
: >"$notes/errors"
trap finish EXIT
run 2>"$notes/errors"
