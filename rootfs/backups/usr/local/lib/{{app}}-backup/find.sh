#!/usr/bin/env bash
# Finds a verified backup in the bucket. Sourced after common.sh.

find_backup() { # ID: `latest`, `backup-YYYYMMDD` (the newest of that day) or an object's own name
  local all found
  all=$(records)
  found=$(jq --compact-output --arg id "$1" '
    [.[] | select($id == "latest" or .id == $id or (.location | endswith("/" + $id + ".tar.zst")))] | last' <<<"$all")
  if [ "$found" = null ]; then
    fail "there is no verified backup $1; there are: $(jq --raw-output '[.[].location | split("/") | last | rtrimstr(".tar.zst")] | unique | join(", ")' <<<"$all")"
  fi
  printf '%s\n' "$found"
}
