#!/usr/bin/env bash
# Looks for data that cannot be read, for example after a power cut. Prints one JSON array of {table, readable, bad, newest}:
# `bad` are the manifests of a table that cannot be used, `newest` is the newest version that can be read without them. A
# directory whose kind has no tables is examined as a whole.
#   doctor.sh                looks only
#   doctor.sh set-aside T    stops the app and renames the bad manifests of table T to *.corrupt, so that it opens again
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=data.sh
. "$here/data.sh"
# shellcheck source=app.sh
. "$here/app.sh"
attempts=3

read_copy() { # NAME: the copy holds one table, so another one cannot hide its errors
  local code=0
  found=$(bounded "$messages/scan" read_directory "$1" "$scratch/doctor/$1") || code=$?
  case $code in
    0) ;;
    1) found='' ;;
    *) cat "$messages/scan" >&2 && fail "the data could not be read, see above" ;;
  esac
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

has_function() { declare -F "$1" >/dev/null; }

examine_all() {
  local name kind
  for name in "${directories[@]}"; do
    kind=${kind_of[$name]}
    if has_function "${kind}_examine"; then "${kind}_examine" "$name"; else examine_directory "$name"; fi
  done
}

directory_of() { # TABLE
  local name kind
  for name in "${directories[@]}"; do
    kind=${kind_of[$name]}
    if has_function "${kind}_has" && "${kind}_has" "$name" "$1"; then echo "$name" && return; fi
  done
  fail "there is no table $1"
}

set_aside() { # TABLE: the app is stopped, so what cannot be read is not a write that is still running
  local name report
  name=$(directory_of "$1")
  lock rollout "repair of table $1 of $app"
  stop_app ''
  report=$("${kind_of[$name]}_set_aside" "$name" "$1")
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
