#!/usr/bin/env bash
# Moves all new requests to a release: one rename of the link nginx connects to. The environment link follows. Before it
# moves, a marker says from where: unless the cutover is confirmed in time, the host takes it back by itself.
#   rollout-switch.sh APP RELEASE CONFIRM_SECONDS DEPLOYMENT
set -euo pipefail
app=$1 release=$2 seconds=$3 deployment=$4
cd "/var/lib/$app"
exec 9>"/run/lock/$app-switch.lock"
flock -w 10 9

point() { # LINK TARGET
  ln -sfn "$2" "$1.next"
  mv -T "$1.next" "$1"
}

from=$(basename "$(readlink current.sock || true)" .sock)
# A cutover to this very release that was cut off: the release before it is still the one to go back to.
if [ -e unconfirmed ]; then read -r from _ <unconfirmed; fi
if [ -n "$from" ] && [ "$from" != "$release" ]; then
  printf '%s %s %s %s\n' "$from" "$release" "$(($(date +%s) + seconds))" "$deployment" >unconfirmed.next
  sync unconfirmed.next
  mv -T unconfirmed.next unconfirmed
fi
point current.sock "releases/$release.sock"
point "/opt/$app/config/.env.production" "releases/$release.env"
sync -f .
