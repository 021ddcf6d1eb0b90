#!/usr/bin/env bash
# Moves all new requests to a release: one rename of the link nginx connects to. The environment link follows.
#   rollout-switch.sh APP RELEASE
set -euo pipefail
app=$1 release=$2
cd "/var/lib/$app"

point() { # LINK TARGET
  ln -sfn "$2" "$1.next"
  mv -T "$1.next" "$1"
}

was=$(readlink current.sock || true)
if [ -n "$was" ] && [ "$was" != "releases/$release.sock" ]; then point previous.sock "$was"; fi
point current.sock "releases/$release.sock"
point "/opt/$app/config/.env.production" "releases/$release.env"
sync -f .
