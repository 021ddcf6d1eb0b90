#!/usr/bin/env bash
# Databases of SQLite, and other files beside them. certbot needs Python, so each server has it, with its module sqlite3.
# shellcheck disable=SC2154 # common.sh and data.sh set these variables
sqlite_copy() { # the databases come by the online backup API in place of their hard links
  copy_directory "$data/$1" "$2"
  sqlite_python copy "$data/$1" "$2"
}

sqlite_read() { sqlite_python read "$1"; }

sqlite_python() { as_app timeout --kill-after=10 3600 /usr/bin/python3 -I - "$@" <"$here/kinds/sqlite.py"; }
