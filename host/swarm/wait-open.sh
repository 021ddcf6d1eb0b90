#!/usr/bin/env bash
# Waits until the way from nginx to the release of this server is open, for up to 10 s.   swarm-wait-open.sh APP RELEASE
set -euo pipefail
app=$1 release=$2
for _ in {1..50}; do
  if [ -L "/run/$app-task/current.sock" ]; then exit 0; fi
  sleep 0.2
done
echo "the task of release $release accepts no connection, or $app-task.service does not run" >&2
exit 1
