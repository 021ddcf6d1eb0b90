#!/usr/bin/env bash
# Starts the tasks of a release, or ends them: REPLICAS is 0 then, and it waits until they have ended, for up to SECONDS. A
# release from before the cluster has no service, and its container ends on its server.   swarm-scale.sh APP RELEASE REPLICAS SECONDS
set -euo pipefail
service=$1-$2 replicas=$3
deadline=$((SECONDS + $4))
present=$(docker service inspect --format '{{.Spec.Mode.Replicated.Replicas}}' "$service" 2>/dev/null || true)
if [ -z "$present" ]; then
  if [ "$replicas" = 0 ]; then exit 0; fi
  echo "Swarm has no service $service" >&2
  exit 1
fi
if [ "$present" != "$replicas" ]; then docker service scale --detach "$service=$replicas" >/dev/null; fi
if [ "$replicas" != 0 ]; then exit 0; fi
while [ -n "$(docker service ps --quiet "$service")" ] && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.2; done
