#!/usr/bin/env bash
# Prints the newest lines that the app's containers, of whatever release, have logged, as one JSON array, oldest first.
#   app-logs.sh APP LINES
set -euo pipefail
journalctl --quiet --all --lines "$2" --output json "CONTAINER_TAG=$1" |
  jq --slurp 'map({
    at: (.__REALTIME_TIMESTAMP | tonumber / 1e6 | floor | todate), container: .CONTAINER_NAME,
    line: (.MESSAGE | if type == "array" then implode else . // "" end)
  })'
