#!/usr/bin/env bash
# Confirms a cutover: the release stays, and PREVIOUS becomes the rollback target (none, if it is empty). Fails when the
# server has reverted the cutover already.   rollout-confirm.sh APP RELEASE PREVIOUS
set -euo pipefail
app=$1 release=$2 previous=$3
cd "/var/lib/$app"
install -d -m 0700 "/run/$app"
exec 9>"/run/$app/switch.lock"
flock -w 10 9
if [ "$(readlink current.sock || true)" != "releases/$release.sock" ]; then
  echo "the server has reverted the cutover, because it was not confirmed in time" >&2
  exit 1
fi
if [ -n "$previous" ]; then
  ln -sfn "releases/$previous.sock" previous.sock.next
  mv -T previous.sock.next previous.sock
else
  rm -f previous.sock
fi
rm -f unconfirmed
sync -f .
