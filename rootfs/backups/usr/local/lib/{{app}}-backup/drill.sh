#!/usr/bin/env bash
# Restores the newest backup for practice and notes the result. Prints what restore.sh prints.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
started=$(date +%s) status=success
"$here/restore.sh" drill latest >"$messages/drill" 2>"$messages/drill-errors" || status=failed
jq --null-input --arg status "$status" --arg error "$(tail --lines 5 "$messages/drill-errors")" --argjson started "$started" \
  --argjson now "$(date +%s)" --slurpfile restored "$messages/drill" \
  '{status: $status, error: $error, startedAt: ($started | todate), completedAt: ($now | todate), restored: $restored[0]}' \
  >"$notes/last-drill.json.new"
mv "$notes/last-drill.json.new" "$notes/last-drill.json"
cat "$messages/drill-errors" >&2
cat "$messages/drill"
[ "$status" = success ]
