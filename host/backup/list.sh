#!/usr/bin/env bash
# Prints what is known of the backups as one JSON object: the verified ones in the bucket, the last run, the last verified.
# shellcheck source=host/backup/common.sh
. "$(dirname "$0")/common.sh"
note() { cat "$notes/$1.json" 2>/dev/null || echo null; }
jq --null-input --argjson backups "$(records)" --argjson run "$(note last-run)" --argjson verified "$(note last-verified)" \
  '{backups: $backups, lastRun: $run, lastVerified: $verified}'
