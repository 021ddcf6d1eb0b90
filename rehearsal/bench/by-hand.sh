#!/usr/bin/env bash
# The least that any tool must do on a host for a new release, without one of the checks that protect it: a floor to
# compare with. Pulls, starts, waits for the health endpoint, stops the previous release.
#   by-hand.sh IMAGE NAME [PREVIOUS_NAME]
set -euo pipefail
image=$1
name=$2
previous=${3:-}

docker pull --quiet "$image" >/dev/null
docker run --detach --name "$name" "$image" >/dev/null
address=$(docker inspect --format '{{.NetworkSettings.IPAddress}}' "$name")
for ((tries = 0; ; tries++)); do
  if curl --fail --silent --max-time 1 --output /dev/null "http://$address:3000/api/health"; then break; fi
  if ((tries == 300)); then
    echo "by-hand.sh: $name did not become healthy within 30 s" >&2
    exit 1
  fi
  sleep 0.1
done
if [ -n "$previous" ]; then
  docker stop --time 10 "$previous" >/dev/null
  docker rm "$previous" >/dev/null
fi
