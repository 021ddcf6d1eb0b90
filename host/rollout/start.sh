#!/usr/bin/env bash
# Starts a release beside the serving one: its container, if it was stopped, and its socket. Safe to repeat. A container
# that has ended by itself is no failure here: the gate says why.
#   rollout-start.sh APP RELEASE CONTAINER TARGET PIDS_LIMIT     TARGET = address:port
set -euo pipefail
app=$1 release=$2 container=$3 target=$4 pids=$5

limit_pids() {
  local words
  if words=$(docker update --pids-limit "$pids" "$container" 2>&1); then return; fi
  if [ "$(docker inspect --format '{{ .State.Status }}' "$container")" != running ]; then return; fi
  printf '%s\n' "$words" >&2
  exit 1
}

docker start "$container" >/dev/null
limit_pids
mkdir -p "/var/lib/$app/releases"
printf 'TARGET=%s\n' "$target" >"/var/lib/$app/releases/$release.target"
# For the next boot only, which reads it anew: a reload of all units would take a tenth of a second.
systemctl enable --no-reload --quiet "$app-release@$release.socket"
# A socket cannot be started again while its service runs, and an active one needs no start.
systemctl is-active --quiet "$app-release@$release.socket" || systemctl start "$app-release@$release.socket"
systemctl start "$app-release@$release.service"
