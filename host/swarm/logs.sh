#!/usr/bin/env bash
# Prints the last log lines of the newest task of a release on this server.   swarm-logs.sh APP RELEASE LINES
set -euo pipefail
task=$(docker ps --all --quiet --filter "label=app=$1" --filter "label=release=$2" | sed -n 1p)
if [ -n "$task" ]; then docker logs --tail "$3" "$task" 2>&1 | cut -c1-500; fi
