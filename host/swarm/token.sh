#!/usr/bin/env bash
# Prints the token with which a server joins this manager's Swarm.   swarm-token.sh ROLE
set -euo pipefail
docker swarm join-token --quiet "$1"
