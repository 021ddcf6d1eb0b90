#!/usr/bin/env bash
# Joins a manager's Swarm, if this server is not in it yet. The token comes from standard input, because process lists show
# arguments. Prints the id of the node.   swarm-join.sh PRIVATE_ADDRESS MANAGER_ADDRESS
set -euo pipefail
address=$1 manager=$2
token=$(cat)
found=$(docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.NodeAddr}}')
managers=$(docker info --format '{{range .Swarm.RemoteManagers}}{{println .Addr}}{{end}}')
if [ "$found" = "active $address" ] && grep -qxF "$manager:2377" <<<"$managers"; then
  docker info --format '{{.Swarm.NodeID}}'
  exit 0
fi
case $found in
  inactive*) ;;
  *)
    echo "this server is in another Swarm (state, address: $found). To make it leave: docker swarm leave --force" >&2
    exit 1
    ;;
esac
docker swarm join --advertise-addr "$address" --data-path-addr "$address" --listen-addr "$address:2377" \
  --token "$token" "$manager:2377" >/dev/null
docker info --format '{{.Swarm.NodeID}}'
