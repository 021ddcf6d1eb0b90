#!/usr/bin/env bash
# Makes this server the first manager of a Swarm, if it is not one yet. Prints the id of its node.
#   swarm-init.sh PRIVATE_ADDRESS ADDRESS_POOL
set -euo pipefail
address=$1 pool=$2
state() { docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}} {{.Swarm.NodeAddr}}'; }
found=$(state)
if [ "$found" = "active true $address" ]; then
  docker info --format '{{.Swarm.NodeID}}'
  exit 0
fi
case $found in
  inactive*) ;;
  *)
    echo "this server is in a Swarm already (state, manager, address: $found). To make it leave: docker swarm leave --force" >&2
    exit 1
    ;;
esac
docker swarm init --advertise-addr "$address" --data-path-addr "$address" --listen-addr "$address:2377" \
  --default-addr-pool "$pool" --default-addr-pool-mask-length 24 >/dev/null
docker info --format '{{.Swarm.NodeID}}'
