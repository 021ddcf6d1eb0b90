#!/usr/bin/env bash
# Sends a test message to each target of an app's alerts. Prints one JSON object for each.   test-alerts.sh APP
set -euo pipefail
program=/usr/local/lib/$1/alerts
if [ ! -x "$program" ] || [ ! -e "/opt/$1/config/alerts.json" ]; then
  printf 'the server of %s has no alerts: set the section alerts, then run pulumi up\n' "$1" >&2
  exit 1
fi
exec "$program" "$1" test
