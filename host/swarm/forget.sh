#!/usr/bin/env bash
# Ends a node of the Swarm, on a manager: it gets no more tasks, is no manager any more, and is removed from the list. With
# `demote` the node stays in the list, so that it can leave by itself.   swarm-forget.sh NODE_ID demote|remove
set -euo pipefail
id=$1 what=$2
if [ "$(docker info --format '{{.Swarm.ControlAvailable}}')" != true ]; then exit 0; fi
if ! docker node inspect "$id" >/dev/null 2>&1; then exit 0; fi
if [ "$what" = demote ]; then
  docker node update --availability drain --role worker "$id" >/dev/null
  for _ in {1..60}; do
    if [ "$(docker node inspect --format '{{.ManagerStatus}}' "$id")" = '<nil>' ]; then exit 0; fi
    sleep 0.5
  done
  echo "node $id is still a manager after 30 s" >&2
  exit 1
fi
docker node rm --force "$id" >/dev/null
