#!/usr/bin/env bash
# Waits until a release has no connection, for up to SECONDS; prints how many are left.
#   rollout-drain.sh APP RELEASE SECONDS
set -euo pipefail
socket=/var/lib/$1/releases/$2.sock
deadline=$((SECONDS + $3))
connections() { ss --no-header --unix state established src "$socket" | wc -l; }
left=$(connections)
while [ "$left" -gt 0 ] && [ "$SECONDS" -lt "$deadline" ]; do
  sleep 0.1
  left=$(connections)
done
echo "$left"
