#!/usr/bin/env bash
# Takes back a cutover that nobody confirmed: the link moves to the release before, and the deployment's record says so.
# The path unit starts it when the marker appears, and at boot; `now` does not wait for the deadline.
#   return-unconfirmed APP [now]
# marker: FROM TO DEADLINE DEPLOYMENT   (releases, seconds since the epoch, id)
set -euo pipefail
app=$1
cd "/var/lib/$app"
marker=unconfirmed

point() { # LINK TARGET
  ln -sfn "$2" "$1.next"
  mv -T "$1.next" "$1"
}

note() { # DEPLOYMENT
  local record=deployments/$1.json
  [ -e "$record" ] || return 0
  jq --arg at "$(date --utc +%Y-%m-%dT%H:%M:%S.000Z)" '.status = "rolled_back" | .completedAt = $at |
    .reason = (if .reason == "" then "nobody confirmed the cutover in time: the host took it back" else .reason end)' \
    "$record" >"$record.next"
  mv -T "$record.next" "$record"
}

take_back() {
  local from deployment
  exec 9>"/run/lock/$app-switch.lock"
  flock -w 10 9
  [ -e "$marker" ] || return 0
  read -r from _ _ deployment <"$marker"
  point current.sock "releases/$from.sock"
  point "/opt/$app/config/.env.production" "releases/$from.env"
  note "$deployment"
  rm "$marker"
  sync -f .
}

if [ "${2:-}" != now ]; then
  while [ -e "$marker" ] && read -r _ _ deadline _ <"$marker" && [ "$(date +%s)" -lt "$deadline" ]; do sleep 1; done
fi
take_back
