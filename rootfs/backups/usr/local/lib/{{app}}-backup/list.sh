#!/usr/bin/env bash
# Prints the state of the backups as one JSON object: the verified backups in the bucket (null, with the reason, if the
# bucket does not answer), the last run, the last verified backup, the last drill, the timers, and what needs an operator.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=data.sh
. "$here/data.sh"
# shellcheck source=app.sh
. "$here/app.sh"

note() { cat "$notes/$1.json" 2>/dev/null || echo null; }
yes_or_no() { if "$@" >/dev/null 2>&1; then echo true; else echo false; fi; }
on() { yes_or_no systemctl is-active --quiet "$app-$1.timer"; }

directories_set_aside() { # only names that our scripts give: the app can create others
  local names
  use_data
  names=$(IFS='|' && echo "${directories[*]}")
  as_app find "$data" -maxdepth 1 -regextype posix-extended -regex ".*/($names)\.(before|changed)-[0-9TZ]+" | sort
}

mapfile -t set_aside < <(directories_set_aside)
found=$(records 2>"$messages/list") || found=null
jq --null-input --argjson backups "$found" --arg problem "$(tail --lines 3 "$messages/list")" \
  --argjson run "$(note last-run)" --argjson idle "$(yes_or_no is_free backup)" --argjson verified "$(note last-verified)" --argjson drill "$(note last-drill)" \
  --slurpfile drills <(jq --raw-input 'fromjson?' "$notes/drills.jsonl" 2>/dev/null) \
  --argjson timers "{\"daily\": $(on backup), \"drill\": $(on backup-drill)}" \
  --argjson changing "$(yes_or_no test -e "$marker")" --argjson unchanging "$(yes_or_no is_free rollout)" \
  '{backups: $backups, problem: $problem,
    lastRun: (if $run.status == "running" and $idle then $run | .status = "interrupted" else $run end),
    lastVerified: $verified, lastDrill: $drill, drills: $drills, timers: $timers, changeInterrupted: ($changing and $unchanging),
    setAside: $ARGS.positional, now: (now | todate)}' \
  --args "${set_aside[@]}"
