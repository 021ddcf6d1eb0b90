#!/usr/bin/env bash
# Prints what is known of the backups as one JSON object: the verified ones in the bucket (null with the reason where it
# does not answer), the last run, the last verified backup and whether the timers are on.
# shellcheck source=host/backup/common.sh
. "$(dirname "$0")/common.sh"
note() { cat "$notes/$1.json" 2>/dev/null || echo null; }
on() { if systemctl is-active --quiet "$app-$1.timer"; then echo true; else echo false; fi; }
mkdir -p "$notes"
found=$(records 2>"$notes/list-errors") || found=null
jq --null-input --argjson backups "${found:-null}" --argjson run "$(note last-run)" --argjson verified "$(note last-verified)" \
  --argjson daily "$(on backup)" --argjson watch "$(on backup-watch)" --arg problem "$(tail --lines 3 "$notes/list-errors")" \
  '{backups: $backups, problem: $problem, lastRun: $run, lastVerified: $verified, timers: {daily: $daily, watch: $watch}, now: (now | todate)}'
