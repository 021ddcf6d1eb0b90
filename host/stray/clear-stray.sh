#!/usr/bin/env bash
# Removes the app's network if a killed `pulumi up` left it: no state knows it. Never a network that has containers.
#   clear-stray.sh APP NETWORK
set -euo pipefail
app=$1 network=$2
id=$(docker network ls --quiet --no-trunc --filter "label=app=$app" --filter "name=^$network\$")
[ -n "$id" ] || exit 0
if [ "$(docker network inspect --format '{{ len .Containers }}' "$id")" != 0 ]; then
  echo "a network $network with containers exists already" >&2
  exit 1
fi
docker network rm "$id" >/dev/null
