#!/usr/bin/env bash
# Stops the release of a rollout that did not get the lock. It does not stop a release that is active, previous, or part of
# the rollout that holds the lock.   rollout-stop-unused.sh APP RELEASE GRACE_SECONDS
set -euo pipefail
app=$1 release=$2 grace=$3
cd "/var/lib/$app"
exec 9>"/run/lock/$app-switch.lock"
flock -w 10 9
if grep --quiet --no-messages --word-regexp "$release" unconfirmed "/run/lock/$app-rollout.lock.holder"; then exit 0; fi
for link in current.sock previous.sock; do
  if [ "$(readlink "$link" || true)" = "releases/$release.sock" ]; then exit 0; fi
done
docker stop --time "$grace" "$app-$release" >/dev/null
