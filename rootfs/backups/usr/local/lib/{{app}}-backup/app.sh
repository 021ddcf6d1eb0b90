#!/usr/bin/env bash
# Stops the app while its data is changed. Sourced after data.sh, by scripts that hold the rollout lock.
# A marker exists from before the stop until the change is kept or undone. If the script that set it is killed, recover.sh
# undoes the change: the app serves again, on the data from before.
# shellcheck disable=SC2154 # common.sh and data.sh set these variables
marker=$state/data-change

active_container() { echo "$app-$(basename "$(readlink "$state/current.sock")" .sock)"; }

stop_app() { # DIRECTORY: where the current data will be moved; empty if it is not moved
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

undo_change() { # DIRECTORY: where the new data goes
  local before
  before=$(cat "$marker")
  if [ -n "$before" ] && as_app test -d "$before"; then
    docker stop "$(active_container)" >/dev/null
    if has_database; then as_app mv -T "$database" "$1"; fi
    as_app mv -T "$before" "$database"
  fi
  start_app
  keep_change
}
