#!/usr/bin/env bash
# Looks for tables that do not read, as a power cut leaves them, and prints one JSON array of {table, readable, bad, newest}:
# `bad` are the manifests that cannot be used, `newest` the version that reads without them.
#   doctor.sh                look only
#   doctor.sh set-aside T    rename the bad manifests of table T to *.corrupt, with the app stopped, so that it opens again
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=app.sh
. "$here/app.sh"
# shellcheck source=snapshot.sh
. "$here/snapshot.sh"
copy=$(beside .doctor)
attempts=3 deepest=20
trap 'rm -rf "$copy"' EXIT

newest_manifest() { # of a table's folder: V2 names count down (20 digits), V1 names up
  find "$1/_versions" -name '*.manifest' -printf '%f\n' | awk '{ n = $0; sub(/\.manifest/, "", n); v2 = length(n) == 20; print v2, n, $0 }' |
    sort --key=1,1nr --key=2,2n | awk '$1 == 1 { print $3; found = 1; exit } { last = $3 } END { if (!found) print last }'
}

read_copy() { # of one table: no other one hides it
  local code=0
  found=$(scan "$copy" 2>"$said/scan-errors") || code=$?
  case $code in
    0) ;;
    # By timeout, Docker and the kernel: that says nothing of the data.
    124 | 125 | 126 | 127 | 137) cat "$said/scan-errors" >&2 && fail "the data could not be looked at, see above" ;;
    *) found='' ;;
  esac
}

examine() { # TABLE
  local bad=() found='' manifest
  [ -d "$database/$1.lance" ] || fail "there is no table $1"
  for _ in $(seq "$attempts"); do # the app writes meanwhile: only what never reads is bad
    rm -rf "$copy"
    mkdir -m 0755 "$copy"
    snapshot_into "$copy/$1.lance" "$database/$1.lance"
    read_copy
    if [ -n "$found" ]; then break; fi
  done
  while [ -z "$found" ] && [ "${#bad[@]}" -lt "$deepest" ]; do
    manifest=$(newest_manifest "$copy/$1.lance")
    [ -n "$manifest" ] || break
    bad+=("$manifest")
    rm "$copy/$1.lance/_versions/$manifest"
    read_copy
  done
  jq --null-input --compact-output --arg table "$1" --argjson found "${found:-[]}" \
    '{table: $table, readable: ($ARGS.positional == []), bad: $ARGS.positional, newest: ($found[0] // null)}' --args "${bad[@]}"
}

set_aside() { # TABLE: with the app stopped, so that only what a power cut left is found
  local report
  lock rollout "repair of table $1 of $app"
  stop_app ''
  report=$(examine "$1")
  if [ "$(jq '.newest != null' <<<"$report")" = true ]; then
    jq --raw-output '.bad[]' <<<"$report" | while IFS= read -r manifest; do
      mv "$database/$1.lance/_versions/$manifest" "$database/$1.lance/_versions/$manifest.corrupt"
    done
  fi
  start_app
  keep_change
  [ "$(jq .readable <<<"$report")" = false ] || fail "table $1 reads: there was nothing to set aside"
  [ "$(jq .newest <<<"$report")" != null ] || fail "no version of table $1 reads: restore a backup (ops restore latest --in-place)"
  printf '%s\n' "$report"
}

shopt -s nullglob
lock backup "a look at the data"
case ${1:-} in
  '') for folder in "$database"/*.lance; do examine "$(basename "$folder" .lance)"; done ;;
  set-aside) set_aside "$2" ;;
  *) fail "doctor.sh [set-aside TABLE]" ;;
esac | jq --slurp .
