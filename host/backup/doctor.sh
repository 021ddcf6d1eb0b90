#!/usr/bin/env bash
# Looks for tables that do not read, as a power cut leaves them, and prints one JSON array of {table, readable, bad, newest}:
# `bad` are the manifests that cannot be used, `newest` the version that reads without them.
#   doctor.sh                look only
#   doctor.sh set-aside T    rename the bad manifests of table T to *.corrupt, with the app stopped, so that it opens again
# shellcheck source=host/backup/common.sh
. "$(dirname "$0")/common.sh"
copy=$(beside .doctor)
deepest=20
trap 'rm -rf "$copy"' EXIT

newest_manifest() { # of a table's folder: V2 names count down (20 digits), V1 names up
  find "$1/_versions" -name '*.manifest' -printf '%f\n' | awk '{ n = $0; sub(/\.manifest/, "", n); v2 = length(n) == 20; print v2, n, $0 }' |
    sort --key=1,1nr --key=2,2n | awk '$1 == 1 { print $3; found = 1; exit } { last = $3 } END { if (!found) print last }'
}

reads() { # TABLE: alone, so that no other one hides it
  rm -rf "$copy/alone" && mkdir "$copy/alone" && chmod 0755 "$copy" "$copy/alone" && cp -al "$copy/all/$1.lance" "$copy/alone/"
  scan "$copy/alone" 2>/dev/null
}

examine() { # TABLE
  local bad=() manifest found
  while :; do
    if found=$(reads "$1"); then break; fi
    manifest=$(newest_manifest "$copy/all/$1.lance")
    if [ -z "$manifest" ] || [ "${#bad[@]}" -ge "$deepest" ]; then found='[]' && break; fi
    bad+=("$manifest")
    rm "$copy/all/$1.lance/_versions/$manifest"
  done
  jq --null-input --compact-output --arg table "$1" --argjson found "$found" \
    '{table: $table, readable: ($ARGS.positional == []), bad: $ARGS.positional, newest: ($found[0] // null)}' --args "${bad[@]}"
}

set_aside() { # TABLE
  local report manifest container
  report=$(examine "$1")
  [ "$(jq .readable <<<"$report")" = false ] || fail "table $1 reads: there is nothing to set aside"
  [ "$(jq .newest <<<"$report")" != null ] || fail "no version of table $1 reads: restore a backup (ops restore latest --in-place)"
  lock "$app-rollout.lock" "a rollout"
  container=$app-$(basename "$(readlink "$state/current.sock")" .sock)
  docker stop "$container" >/dev/null
  jq --raw-output '.bad[]' <<<"$report" | while IFS= read -r manifest; do
    mv "$database/$1.lance/_versions/$manifest" "$database/$1.lance/_versions/$manifest.corrupt"
  done
  docker start "$container" >/dev/null
  printf '%s\n' "$report"
}

lock "$app-backup.lock" "another backup or restore"
rm -rf "$copy" && mkdir --parents "$copy/all"
cp -al "$database/." "$copy/all/" 2>/dev/null || true
case ${1:-} in
  '') for folder in "$copy/all"/*.lance; do examine "$(basename "$folder" .lance)"; done ;;
  set-aside) set_aside "$2" ;;
  *) fail "doctor.sh [set-aside TABLE]" ;;
esac | jq --slurp .
