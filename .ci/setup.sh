#!/bin/sh
# Prepares a clone. In a terminal it then starts the guide; Ctrl-C ends it. CI and pipes only prepare.
set -eu
cd "$(dirname "$0")/.."
sh .ci/prepare.sh
if [ -t 0 ] && [ -t 1 ] && [ -z "${CI:-}" ]; then
  exec node dist/ops.cjs init "$@"
fi
