#!/usr/bin/env bash
# Tells a person when there has been no verified backup for two days, whatever the reason, and when a drill failed or there
# was none for two weeks: once a day, and once when it is well again. Runs by its own timer, for a job that never runs tells nothing.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# The daily run comes at a random minute within an hour, and may take some time; so may the weekly drill.
backup_hours=50 drill_hours=$((15 * 24)) again_hours=24
since=$notes/since

hours_since() { echo $((($(date +%s) - $1) / 3600)); }
noted() { jq --raw-output "$2" "$notes/$1.json" 2>/dev/null || echo "$3"; } # NAME FILTER OTHERWISE

post() { # TEXT: `text` is what Slack reads, `content` what Discord reads, which refuses more than 2000 characters
  local text
  text="$app on $(uname --nodename): $1"
  printf '%s\n' "$text"
  [ -n "${ALERT_WEBHOOK:-}" ] || return 0
  jq --null-input --arg text "$text" --arg app "$app" '{text: $text, content: $text[:2000], app: $app}' >"$said/alert.json"
  printf 'url = "%s"\n' "$ALERT_WEBHOOK" |
    curl --silent --show-error --fail --max-time 20 --retry 2 --header 'Content-Type: application/json' \
      --data-binary "@$said/alert.json" --output /dev/null --config - || fail "the alert webhook did not take the message"
}

tell() { # ABOUT PROBLEM WELL: the problem is empty where there is none
  local alerted=$notes/alerted-$1
  if [ -z "$2" ]; then
    [ -e "$alerted" ] || return 0
    post "$3"
    rm "$alerted"
  elif [ ! -e "$alerted" ] || [ "$(hours_since "$(cat "$alerted")")" -ge "$again_hours" ]; then
    post "$2 Look: ops status"
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
    echo "the drill failed: the newest backup may not restore. Error: $(noted last-drill .error '')."
  elif [ "$age" -ge "$drill_hours" ]; then
    echo "no drill for $((age / 24)) days: nobody knows whether the newest backup restores."
  fi
}

[ -e "$since" ] || date +%s >"$since"
backup_age=$(hours_since "$(noted last-verified '.createdAt | fromdate' "$(cat "$since")")")
drill_age=$(hours_since "$(noted last-drill '.completedAt | fromdate' "$(cat "$since")")")
tell backup "$(backup_problem "$backup_age")" "backups are verified again, the last one $backup_age hours ago"
tell drill "$(drill_problem "$drill_age")" "the newest backup restores again, as a drill has shown"
