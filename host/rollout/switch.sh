#!/usr/bin/env bash
# Sends all new requests to a release: renames the link that nginx connects to, then the link to the environment file.
# First it writes a marker with the release that served. Without a confirmation in time, the server reverts the cutover.
#   rollout-switch.sh APP RELEASE ENVIRONMENT CONFIRM_SECONDS DEPLOYMENT
set -euo pipefail
app=$1 release=$2 environment=$3 seconds=$4 deployment=$5
config=/opt/$app/config/.env.production
cd "/var/lib/$app"
install -d -m 0700 "/run/$app"
exec 9>"/run/$app/switch.lock"
flock -w 10 9

point() { # LINK TARGET
  ln -sfn "$2" "$1.next"
  mv -T "$1.next" "$1"
}

from=$(basename "$(readlink current.sock || true)" .sock)
from_environment=$(basename "$(readlink "$config" || true)" .env)
# An interrupted cutover to the same release: the marker still names the release that served before.
if [ -e unconfirmed ]; then read -r from _ _ _ from_environment <unconfirmed; fi
if [ -n "$from" ] && [ "$from" != "$release" ]; then
  printf '%s %s %s %s %s\n' "$from" "$release" "$(($(date +%s) + seconds))" "$deployment" "${from_environment:-$from}" >unconfirmed.next
  sync unconfirmed.next
  mv -T unconfirmed.next unconfirmed
fi
point current.sock "releases/$release.sock"
point "$config" "releases/$environment.env"
sync -f .
