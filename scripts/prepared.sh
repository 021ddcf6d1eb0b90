#!/bin/sh
# Makes a clone ready to run: dependencies as locked, dist/ built from the present sources. Does nothing when both are.
# Everything it prints goes to stderr, so that a command behind it may print one JSON object.
set -eu
cd "$(dirname "$0")/.."
if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
  npm ci --ignore-scripts --no-fund --no-audit >&2
  cp package-lock.json node_modules/.installed-lock.json
fi
if ! node dist/build-stamp.js check 2>/dev/null; then
  npm run -s build >&2
fi
