#!/usr/bin/env bash
# Looks for data that cannot be read, for example after a power cut. Prints one JSON array of {table, readable, bad, newest}:
# `bad` are the manifests of LanceDB that cannot be used, `newest` is the newest version that can be read without them. A
# directory of another kind is examined as a whole.
#   doctor.sh                looks only
#   doctor.sh set-aside T    stops the app and renames the bad manifests of table T to *.corrupt, so that it opens again
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=data.sh
. "$here/data.sh"
# shellcheck source=app.sh
. "$here/app.sh"
attempts=3 deepest=20

newest_manifest() { # of the table in the copy; V2 names (20 digits) count down, V1 names count up
  as_app find "$copy/_versions" -name '*.manifest' -printf '%f\n' | awk '{ n = $0; sub(/\.manifest/, "", n); v2 = length(n) == 20; print v2, n, $0 }' |
    sort --key=1,1nr --key=2,2n | awk '$1 == 1 { print $3; found = 1; exit } { last = $3 } END { if (!found) print last }'
}

read_copy() { # NAME: the copy holds one table, so another one cannot hide its errors
  local code=0
  found=$(bounded "$messages/scan" read_directory "$1" "$scratch/doctor/$1") || code=$?
  case $code in
    0) ;;
    1) found='' ;;
    *) cat "$messages/scan" >&2 && fail "the data could not be read, see above" ;;
  esac
}

examine_table() { # NAME TABLE: of a directory of LanceDB
  local bad=() found='' manifest copy=$scratch/doctor/$1/$2.lance
  for _ in $(seq "$attempts"); do # the app writes meanwhile, so only what fails each time is bad
    make_directory "$scratch/doctor"
    copy_directory "$data/$1/$2.lance" "$copy"
    read_copy "$1"
    if [ -n "$found" ]; then break; fi
  done
  while [ -z "$found" ] && [ "${#bad[@]}" -lt "$deepest" ]; do
    manifest=$(newest_manifest)
    [ -n "$manifest" ] || break
    bad+=("$manifest")
    as_app rm "$copy/_versions/$manifest"
    read_copy "$1"
  done
  jq --null-input --compact-output --arg table "$2" --argjson found "${found:-[]}" \
    '{table: $table, readable: ($ARGS.positional == []), bad: $ARGS.positional, newest: ($found[0] // null)}' --args "${bad[@]}"
}

examine_directory() { # NAME
  local found=''
  for _ in $(seq "$attempts"); do
    make_directory "$scratch/doctor"
    "${kind_of[$1]}_copy" "$1" "$scratch/doctor/$1"
    read_copy "$1"
    if [ -n "$found" ]; then break; fi
  done
  jq --null-input --compact-output --arg table "$1" --argjson found "${found:-null}" --arg problem "$(tail --lines 3 "$messages/scan")" \
    '{table: $table, kind: "directory", readable: ($found != null), bad: (if $found == null then [$problem] else [] end),
      newest: (if $found == null then null else {name: $table, rows: ($found | map(.rows // 0) | add // 0), files: ($found | map(.files // 0) | add // 0)} end)}'
}

examine_all() {
  local name table tables
  for name in "${directories[@]}"; do
    if [ "${kind_of[$name]}" != lancedb ]; then examine_directory "$name" && continue; fi
    mapfile -t tables < <(as_app find "$data/$name" -mindepth 1 -maxdepth 1 -type d -name '*.lance' -printf '%f\n' | sort)
    for table in "${tables[@]}"; do
      if is_table_name "${table%.lance}"; then examine_table "$name" "${table%.lance}"; fi
    done
  done
}

is_table_name() { [[ $1 =~ ^[A-Za-z0-9._-]+$ ]]; }

directory_of() { # TABLE
  local name
  for name in "${directories[@]}"; do
    if [ "${kind_of[$name]}" = lancedb ] && is_table_name "$1" && as_app test -d "$data/$name/$1.lance"; then echo "$name" && return; fi
  done
  fail "there is no table $1"
}

set_aside() { # TABLE: the app is stopped, so what cannot be read is not a write that is still running
  local name report versions
  name=$(directory_of "$1")
  versions=$data/$name/$1.lance/_versions
  lock rollout "repair of table $1 of $app"
  stop_app ''
  report=$(examine_table "$name" "$1")
  if [ "$(jq '.newest != null' <<<"$report")" = true ]; then
    jq --raw-output '.bad[]' <<<"$report" | while IFS= read -r manifest; do
      as_app mv -T "$versions/$manifest" "$versions/$manifest.corrupt"
    done
  fi
  start_app
  keep_change
  [ "$(jq .readable <<<"$report")" = false ] || fail "table $1 can be read: there was nothing to set aside"
  [ "$(jq .newest <<<"$report")" != null ] || fail "no version of table $1 can be read: restore a backup (ops restore latest --in-place)"
  printf '%s\n' "$report"
}

lock backup "an examination of the data"
use_data
trap 'remove_directory "$scratch/doctor"' EXIT
case ${1:-} in
  '') examine_all ;;
  set-aside) set_aside "$2" ;;
  *) fail "doctor.sh [set-aside TABLE]" ;;
esac | jq --slurp .
