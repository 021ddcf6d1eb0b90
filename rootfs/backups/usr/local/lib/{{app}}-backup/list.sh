#!/usr/bin/env bash
# Prints what is known of the backups as one JSON object: the verified ones in the bucket (null with the reason where it
# does not answer), the last run, the last verified backup, the last drill, whether the timers are on, and what an operator
# has to look after.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=app.sh
. "$here/app.sh"

note() { cat "$notes/$1.json" 2>/dev/null || echo null; }
yes_or_no() { if "$@" >/dev/null 2>&1; then echo true; else echo false; fi; }
on() { yes_or_no systemctl is-active --quiet "$app-$1.timer"; }
free() { yes_or_no flock --nonblock "$locks/$app-$1.lock" true; }

mapfile -t set_aside < <(find "$data" -maxdepth 1 -name 'lancedb.*' | sort)
found=$(records 2>"$said/list-errors") || found=null
jq --null-input --argjson backups "$found" --arg problem "$(tail --lines 3 "$said/list-errors")" \
  --argjson run "$(note last-run)" --argjson idle "$(free backup)" --argjson verified "$(note last-verified)" --argjson drill "$(note last-drill)" \
  --argjson timers "{\"daily\": $(on backup), \"watch\": $(on backup-watch), \"drill\": $(on backup-drill)}" \
  --argjson changing "$(yes_or_no test -e "$mark")" --argjson unchanging "$(free rollout)" \
  '{backups: $backups, problem: $problem,
    lastRun: (if $run.status == "running" and $idle then $run | .status = "broken off" else $run end),
    lastVerified: $verified, lastDrill: $drill, timers: $timers, changeBrokenOff: ($changing and $unchanging),
    setAside: $ARGS.positional, now: (now | todate)}' \
  --args "${set_aside[@]}"
