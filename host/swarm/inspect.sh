#!/usr/bin/env bash
# Prints a node of the Swarm as a manager sees it, as one JSON object; nothing for a node that is not in it.
#   swarm-inspect.sh NODE_ID
set -euo pipefail
if [ "$(docker info --format '{{.Swarm.ControlAvailable}}')" != true ]; then exit 0; fi
code=0
found=$(docker node inspect --format '{{json .}}' "$1" 2>&1) || code=$?
case "$code $found" in
  0*) jq -c '{ role: .Spec.Role, availability: .Spec.Availability, state: .Status.State, address: .Status.Addr }' <<<"$found" ;;
  *'No such node'* | *'not found'*) ;;
  *) echo "$found" >&2 && exit "$code" ;;
esac
