#!/usr/bin/env bash
# Removes an app's releases from the server: containers, sockets, links, environment files. Data, records and images stay.
# It does nothing for a deployment that is not the last successful one: then another resource `Rollout` owns the releases,
# such as the same app under a new name in the program.
#   rollout-remove.sh APP GRACE_SECONDS DEPLOYMENT
set -euo pipefail
app=$1 grace=$2 deployment=$3
renamed=/var/lib/$app/renamed-to
last=$(grep -ls '"status": "success"' "/var/lib/$app/deployments/"*.json | sort | tail -n 1 || true)
if [ ! -e "$renamed" ] && [ -n "$last" ] && [ "$(basename "$last" .json)" != "$deployment" ]; then exit 0; fi
# After a rename (host/rename) the app goes on under another name, and the site of this name leads there: its last requests
# end first, and the link stays until the site is gone.
if [ -e "$renamed" ]; then
  deadline=$((SECONDS + 30))
  while [ "$SECONDS" -lt "$deadline" ] && ss --no-header --unix state established | grep -qF " /var/lib/$app/releases/"; do sleep 0.1; done
fi
containers=$(docker ps --all --quiet --filter "label=app=$app")
if [ -n "$containers" ]; then
  # shellcheck disable=SC2086  # one word per id
  docker stop --time "$grace" $containers >/dev/null
  # shellcheck disable=SC2086
  docker rm --force $containers >/dev/null
fi
docker volume ls --quiet --filter "label=app=$app" --filter label=release | xargs -r docker volume rm >/dev/null 2>&1 || true
for socket in "/var/lib/$app/releases/"*.target; do
  [ -e "$socket" ] || continue
  release=$(basename "$socket" .target)
  systemctl disable --no-reload --quiet "$app-release@$release.socket" 2>/dev/null || true
  systemctl stop "$app-release@$release.socket" "$app-release@$release.service" 2>/dev/null || true
done
[ -e "$renamed" ] || rm -f "/var/lib/$app/current.sock"
rm -rf "/var/lib/$app/releases" "/var/lib/$app/previous.sock" "/var/lib/$app/unconfirmed" "/var/lib/$app/assets" \
  "/opt/$app/config/releases/"*.env "/opt/$app/config/.env.production"
rm -rf /var/lib/vps-plugin/sets/{,*.}"$app-environment-"*
