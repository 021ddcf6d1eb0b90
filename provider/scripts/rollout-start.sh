#!/usr/bin/env bash
# Starts a release beside the serving one: its container, if it was stopped, and its socket. Safe to repeat.
#   rollout-start.sh APP RELEASE CONTAINER TARGET PIDS_LIMIT     TARGET = address:port
set -euo pipefail
app=$1 release=$2 container=$3 target=$4 pids=$5
docker update --pids-limit "$pids" "$container" >/dev/null
docker start "$container" >/dev/null
mkdir -p "/var/lib/$app/releases"
printf 'TARGET=%s\n' "$target" >"/var/lib/$app/releases/$release.target"
systemctl enable --quiet "$app-release@$release.socket"
# A socket cannot be started again while its service runs, and an active one needs no start.
systemctl is-active --quiet "$app-release@$release.socket" || systemctl start "$app-release@$release.socket"
systemctl start "$app-release@$release.service"
