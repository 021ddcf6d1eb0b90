#!/usr/bin/env bash
# Prints a container's last log lines.   rollout-logs.sh CONTAINER LINES
set -euo pipefail
docker logs --tail "$2" "$1" 2>&1 | cut -c1-500
