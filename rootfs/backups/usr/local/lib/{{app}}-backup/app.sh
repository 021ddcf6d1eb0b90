#!/usr/bin/env bash
# Stops the app while its data is changed. Sourced after data.sh, by scripts that hold the rollout lock.
# A marker exists from before the stop until the change is kept or undone. If the script that set it is killed, recover.sh
# undoes the change: the app serves again, on the data from before.
# shellcheck disable=SC2154 # common.sh and data.sh set these variables
marker=$state/data-change

active_container() { echo "$app-$(basename "$(readlink "$state/current.sock")" .sock)"; }

stop_app() { # TIME: the current directories will be moved to NAME.before-TIME; empty if they are not moved
  printf '%s\n' "$1" >"$marker.new"
  mv "$marker.new" "$marker"
  sync --file-system "$state"
  docker stop "$(active_container)" >/dev/null
}

start_app() { docker start "$(active_container)" >/dev/null; }

keep_change() {
  as_app sync --file-system "$data"
  rm "$marker"
}

undo_change() { # TIME: the new directories are moved to NAME.changed-TIME
  local before name moved=()
  # An earlier version of this program wrote a path that ends with the time.
  before=$(sed 's/.*\.before-//' "$marker")
  for name in "${directories[@]}"; do
    if [ -n "$before" ] && as_app test -d "$data/$name.before-$before"; then moved+=("$name"); fi
  done
  if [ "${#moved[@]}" -gt 0 ]; then docker stop "$(active_container)" >/dev/null; fi
  for name in "${moved[@]}"; do
    if exists "$data/$name"; then as_owner mv -T "$data/$name" "$data/$name.changed-$1"; fi
    as_owner mv -T "$data/$name.before-$before" "$data/$name"
  done
  start_app
  keep_change
}
