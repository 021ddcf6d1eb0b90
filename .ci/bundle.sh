#!/usr/bin/env bash
# Bundles the programs of rolldown.config.mjs. Does nothing when nothing was compiled since the last time.
set -euo pipefail
cd "$(dirname "$0")/.."
last=dist/provider.cjs # the last one of the list
for source in dist/.tsbuildinfo package-lock.json rolldown.config.mjs; do
  if [[ ! $last -nt $source ]]; then
    exec npx rolldown --config rolldown.config.mjs >/dev/null
  fi
done
