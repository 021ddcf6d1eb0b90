#!/usr/bin/env bash
# Stops the app while its data is changed. Sourced after common.sh, for who holds the rollout lock.
# A mark stands from before the stop until the change is kept or undone. Where the one who set it is gone, recover.sh undoes
# the change: the app serves again, on the data that was there before.
# shellcheck disable=SC2154 # set by common.sh
mark=$state/data-change

serving() { echo "$app-$(basename "$(readlink "$state/current.sock")" .sock)"; }

stop_app() { # FOLDER: where the data will lie that is there now; empty if it stays
  printf '%s\n' "$1" >"$mark.new"
  mv "$mark.new" "$mark"
  sync --file-system "$state"
  docker stop "$(serving)" >/dev/null
}

start_app() { docker start "$(serving)" >/dev/null; }

keep_change() {
  sync --file-system "$data"
  rm "$mark"
}

undo_change() { # FOLDER: where the data goes that took the place of the one before
  local before
  before=$(cat "$mark")
  if [ -d "$before" ]; then
    docker stop "$(serving)" >/dev/null
    if [ -d "$database" ]; then mv -T "$database" "$1"; fi
    mv -T "$before" "$database"
  fi
  start_app
  keep_change
}
