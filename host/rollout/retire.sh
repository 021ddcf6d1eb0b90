#!/usr/bin/env bash
# Stops a release that no longer serves: container first, then its socket. Both stay on the host.
# What the app said last may still be on its way through the proxy, which ends at once: five seconds for that.
#   rollout-retire.sh APP RELEASE GRACE_SECONDS
set -euo pipefail
app=$1 release=$2 grace=$3
if [ "$(readlink "/var/lib/$app/current.sock" || true)" = "releases/$release.sock" ]; then
  echo "release $release is the serving one: it is not stopped" >&2
  exit 1
fi
if docker container inspect "$app-$release" >/dev/null 2>&1; then
  docker stop --time "$grace" "$app-$release" >/dev/null
fi
for _ in {1..50}; do
  if [ -z "$(ss --no-header --unix state established src "/var/lib/$app/releases/$release.sock")" ]; then break; fi
  sleep 0.1
done
# Socket and service together: a socket cannot be restarted while its service runs.
systemctl disable --no-reload --quiet "$app-release@$release.socket"
systemctl stop "$app-release@$release.socket" "$app-release@$release.service"
