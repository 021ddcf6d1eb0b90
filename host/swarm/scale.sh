#!/usr/bin/env bash
# Starts the tasks of a release, or ends them: REPLICAS is 0 then, and it waits until they have ended on all servers that answer,
# for up to SECONDS. A release from before the cluster has no service, and its container ends on its server.
#   swarm-scale.sh APP RELEASE REPLICAS SECONDS
set -euo pipefail
service=$1-$2 replicas=$3
deadline=$((SECONDS + $4))
off() { docker node ls --format '{{.Hostname}} {{.Status}}' | awk '$2 != "Ready" { print $1 }'; }
left() { docker service ps --format '{{.Node}}' "$service" | grep --invert-match --line-regexp --fixed-strings --file <(off); }

present=$(docker service inspect --format '{{.Spec.Mode.Replicated.Replicas}}' "$service" 2>/dev/null || true)
if [ -z "$present" ]; then
  if [ "$replicas" = 0 ]; then exit 0; fi
  echo "Swarm has no service $service" >&2
  exit 1
fi
if [ "$present" != "$replicas" ]; then docker service scale --detach "$service=$replicas" >/dev/null; fi
if [ "$replicas" != 0 ]; then exit 0; fi
while left >/dev/null && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.2; done
