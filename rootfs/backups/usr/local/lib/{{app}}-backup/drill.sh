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
# How long restores take, over time: one line for each of the last 60 drills. A drill does not fail because of it.
if { tail --lines 59 "$notes/drills.jsonl" 2>/dev/null || true; jq --compact-output . "$notes/last-drill.json"; } >"$notes/drills.jsonl.new"; then
  mv "$notes/drills.jsonl.new" "$notes/drills.jsonl"
fi
cat "$messages/drill-errors" >&2
cat "$messages/drill"
[ "$status" = success ]
