#!/usr/bin/env bash
# Removes a service or a secret of the app from the Swarm if a killed `pulumi up` left it: no state knows it. A secret goes with the
# service of its release, which uses it. Never the service of the release that serves on this server.
#   clear-service.sh APP service|secret NAME
set -euo pipefail
app=$1 kind=$2 name=$3
active=$(basename "$(readlink "/var/lib/$app/current.sock" || true)" .sock)

clear_one() { # KIND NAME
  if [ -z "$(docker "$1" ls --quiet --filter "label=app=$app" --filter "name=$2")" ]; then return; fi
  if [ "$1 $2" = "service $app-$active" ]; then
    echo "the service $2 serves" >&2
    exit 1
  fi
  docker "$1" rm "$2" >/dev/null
}

if [ "$kind" = secret ]; then clear_one service "$app-${name#"$app-env-"}"; fi
clear_one "$kind" "$name"
