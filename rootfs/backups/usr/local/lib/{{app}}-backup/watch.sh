#!/usr/bin/env bash
# Sends an alert if there is no verified backup for two days, for whatever reason, if a drill failed, or if there was no
# drill for two weeks: once a day, and once when the problem is solved. It has its own timer, because a job that never
# runs cannot send an alert.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# The daily run starts at a random minute of an hour and takes some time. The same holds for the weekly drill.
backup_hours=50 drill_hours=$((15 * 24)) again_hours=24
since=$notes/since

hours_since() { echo $((($(date +%s) - $1) / 3600)); }
noted() { jq --raw-output "$2" "$notes/$1.json" 2>/dev/null || echo "$3"; } # NAME FILTER DEFAULT

post() { # TEXT: Slack reads `text`. Discord reads `content` and accepts at most 2000 characters.
  local text
  text="$app on $(uname --nodename): $1"
  printf '%s\n' "$text"
  [ -n "${ALERT_WEBHOOK:-}" ] || return 0
  jq --null-input --arg text "$text" --arg app "$app" '{text: $text, content: $text[:2000], app: $app}' >"$messages/alert.json"
  printf 'url = "%s"\n' "$ALERT_WEBHOOK" |
    curl --silent --show-error --fail --max-time 20 --retry 2 --header 'Content-Type: application/json' \
      --data-binary "@$messages/alert.json" --output /dev/null --config - || fail "the alert webhook did not accept the message"
}

alert() { # SUBJECT PROBLEM SOLVED: the problem is empty if all is well
  local alerted=$notes/alerted-$1
  if [ -z "$2" ]; then
    [ -e "$alerted" ] || return 0
    post "$3"
    rm "$alerted"
  elif [ ! -e "$alerted" ] || [ "$(hours_since "$(cat "$alerted")")" -ge "$again_hours" ]; then
    post "$2 For details: ops status"
    date +%s >"$alerted"
  fi
}

backup_problem() {
  local age=$1
  [ "$age" -lt "$backup_hours" ] ||
    echo "no verified backup for $((age / 24)) days and $((age % 24)) hours. Last error: $(noted last-run '.error | if . == "" then "none" else . end' 'the job never ran')."
}

drill_problem() {
  local age=$1
  if [ "$(noted last-drill .status none)" = failed ]; then
    echo "the drill failed: it may be impossible to restore the newest backup. Error: $(noted last-drill .error '')."
  elif [ "$age" -ge "$drill_hours" ]; then
    echo "no drill for $((age / 24)) days: it is unknown whether the newest backup can be restored."
  fi
}

[ -e "$since" ] || date +%s >"$since"
backup_age=$(hours_since "$(noted last-verified '.createdAt | fromdate' "$(cat "$since")")")
drill_age=$(hours_since "$(noted last-drill '.completedAt | fromdate' "$(cat "$since")")")
alert backup "$(backup_problem "$backup_age")" "backups are verified again; the last one is $backup_age hours old"
alert drill "$(drill_problem "$drill_age")" "the newest backup restores again: a drill succeeded"
