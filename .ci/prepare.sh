#!/bin/sh
# Prepares a clone: installs the locked dependencies and compiles the sources. Does nothing when both are up to date.
# Everything it prints goes to stderr, so that a command behind it can print one JSON object.
set -eu
cd "$(dirname "$0")/.."
if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
  # Errors only: @pulumi/pulumi asks for Node 22, and npm warns about it on Node 20, where it works.
  npm ci --ignore-scripts --no-fund --no-audit --loglevel=error >&2
  cp package-lock.json node_modules/.installed-lock.json
fi
npm run -s build >&2
