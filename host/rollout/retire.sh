#!/usr/bin/env bash
# Stops a release that is not active: its container first, then its socket. Both stay on the server.
# The proxy may still hold the app's last words, and a stop would cut them off: it gets five seconds to pass them on.
#   rollout-retire.sh APP RELEASE GRACE_SECONDS
set -euo pipefail
app=$1 release=$2 grace=$3
if [ "$(readlink "/var/lib/$app/current.sock" || true)" = "releases/$release.sock" ]; then
  echo "release $release is active and is not stopped" >&2
  exit 1
fi
if docker container inspect "$app-$release" >/dev/null 2>&1; then
  docker stop --time "$grace" "$app-$release" >/dev/null
fi
for _ in {1..50}; do
  if [ -z "$(ss --no-header --unix state established src "/var/lib/$app/releases/$release.sock")" ]; then break; fi
  sleep 0.1
done
# Socket and service together: systemd cannot restart a socket while its service runs.
systemctl disable --no-reload --quiet "$app-release@$release.socket"
systemctl stop "$app-release@$release.socket" "$app-release@$release.service"
