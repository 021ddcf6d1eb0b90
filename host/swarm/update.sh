#!/usr/bin/env bash
# Gives a node of the Swarm its role, and takes tasks again on it.   swarm-update.sh NODE_ID ROLE
set -euo pipefail
# The state of the Swarm changes all the time, and an update of an older state is refused.
for _ in {1..20}; do
  if docker node update --role "$2" --availability active "$1" >/dev/null 2>&1; then exit 0; fi
  sleep 0.5
done
docker node update --role "$2" --availability active "$1" >/dev/null
