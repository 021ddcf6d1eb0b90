#!/usr/bin/env bash
# Tells a person when there has been no verified backup for two days, whatever the reason, once a day; and when there is
# one again. Runs by its own timer, for a job that never runs tells nothing.
# shellcheck source=host/backup/common.sh
. "$(dirname "$0")/common.sh"
# The daily run comes at a random minute within an hour, and may take some time.
limit_hours=50 again_hours=24
alerted=$notes/alerted since=$notes/since

hours_since() { echo $((($(date +%s) - $1) / 3600)); }

post() { # TEXT: `text` is what Slack reads, `content` what Discord reads
  printf '%s\n' "$1"
  [ -n "${ALERT_WEBHOOK:-}" ] || return 0
  jq --null-input --arg text "$1" --arg app "$app" '{text: $text, content: $text, app: $app}' >"$notes/alert.json"
  printf 'url = "%s"\n' "$ALERT_WEBHOOK" |
    curl --silent --show-error --fail --max-time 20 --retry 2 --header 'Content-Type: application/json' \
      --data-binary "@$notes/alert.json" --output /dev/null --config - || fail "the alert webhook did not take the message"
}

mkdir -p "$notes"
[ -e "$since" ] || date +%s >"$since"
last=$(jq --raw-output '.createdAt | fromdate' "$notes/last-verified.json" 2>/dev/null || cat "$since")
age=$(hours_since "$last")
if [ "$age" -ge "$limit_hours" ]; then
  if [ ! -e "$alerted" ] || [ "$(hours_since "$(cat "$alerted")")" -ge "$again_hours" ]; then
    post "$app on $(uname --nodename): no verified backup for $((age / 24)) days and $((age % 24)) hours. Last error: $(jq --raw-output '.error | if . == "" then "none" else . end' "$notes/last-run.json" 2>/dev/null || echo 'the job never ran'). Look: ops status"
    date +%s >"$alerted"
  fi
elif [ -e "$alerted" ]; then
  post "$app on $(uname --nodename): backups are verified again, the last one $age hours ago"
  rm "$alerted"
fi
