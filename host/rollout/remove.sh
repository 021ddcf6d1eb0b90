#!/usr/bin/env bash
# Ends an app on this host: containers, sockets, links, per-release environment. Data, records and images stay.
# A deployment that is not the last one that succeeded has nothing left to end: another rollout has taken the app over,
# such as the same one under a new name in the program.
#   rollout-remove.sh APP GRACE_SECONDS DEPLOYMENT
set -euo pipefail
app=$1 grace=$2 deployment=$3
last=$(grep -ls '"status": "success"' "/var/lib/$app/deployments/"*.json | sort | tail -n 1 || true)
if [ -n "$last" ] && [ "$(basename "$last" .json)" != "$deployment" ]; then exit 0; fi
containers=$(docker ps --all --quiet --filter "label=app=$app")
if [ -n "$containers" ]; then
  # shellcheck disable=SC2086  # one word an id
  docker stop --time "$grace" $containers >/dev/null
  # shellcheck disable=SC2086
  docker rm --force $containers >/dev/null
fi
for socket in "/var/lib/$app/releases/"*.target; do
  [ -e "$socket" ] || continue
  release=$(basename "$socket" .target)
  systemctl disable --no-reload --quiet "$app-release@$release.socket" 2>/dev/null || true
  systemctl stop "$app-release@$release.socket" "$app-release@$release.service" 2>/dev/null || true
done
rm -rf "/var/lib/$app/releases" "/var/lib/$app/current.sock" "/var/lib/$app/previous.sock" "/var/lib/$app/unconfirmed" \
  "/opt/$app/config/releases/"*.env "/opt/$app/config/.env.production"
rm -rf /var/lib/vps-plugin/sets/*"$app-environment-"*
