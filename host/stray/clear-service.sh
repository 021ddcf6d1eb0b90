#!/usr/bin/env bash
# Removes a service or a secret of the app from the Swarm if a killed `pulumi up` left it: no state knows it. Never the service of
# the release that serves on this server.   clear-service.sh APP service|secret NAME
set -euo pipefail
app=$1 kind=$2 name=$3
if [ "$(docker "$kind" ls --quiet --filter "label=app=$app" --filter "name=$name")" = "" ]; then exit 0; fi
active=$(basename "$(readlink "/var/lib/$app/current.sock" || true)" .sock)
if [ "$kind $name" = "service $app-$active" ]; then
  echo "the service $name serves" >&2
  exit 1
fi
docker "$kind" rm "$name" >/dev/null
