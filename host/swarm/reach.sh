#!/usr/bin/env bash
# Does nothing: the server answers.   swarm-reach.sh
set -euo pipefail
