#!/usr/bin/env bash
# Makes this server leave its Swarm. The last manager ends the Swarm with it.   swarm-leave.sh
set -euo pipefail
if [ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = inactive ]; then exit 0; fi
docker swarm leave --force >/dev/null
