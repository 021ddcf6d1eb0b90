#!/usr/bin/env bash
# Confirms a cutover: the release stays, and the previous release becomes the rollback target. Fails when the server has
# reverted the cutover already.   rollout-confirm.sh APP RELEASE
set -euo pipefail
app=$1 release=$2
cd "/var/lib/$app"
exec 9>"/run/lock/$app-switch.lock"
flock -w 10 9
if [ "$(readlink current.sock || true)" != "releases/$release.sock" ]; then
  echo "the server has reverted the cutover, because it was not confirmed in time" >&2
  exit 1
fi
if [ -e unconfirmed ]; then
  read -r from _ <unconfirmed
  ln -sfn "releases/$from.sock" previous.sock.next
  mv -T previous.sock.next previous.sock
  rm unconfirmed
  sync -f .
fi
