#!/usr/bin/env bash
# Whether the Docker that runs is the one daemon.json describes, as far as every version tells.
set -euo pipefail
[ "$(docker info --format '{{.LiveRestoreEnabled}} {{.LoggingDriver}}')" = "true journald" ]
