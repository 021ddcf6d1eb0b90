#!/usr/bin/env bash
# Runs the integration tests in two halves at the same time: the files that share one world, and the files that start
# their own. Prints the output of the second half after the first.
set -euo pipefail
cd "$(dirname "$0")/.."
sh .ci/prepare.sh
output="$(mktemp)"
npx vitest run --project own-world >"$output" 2>&1 &
second=$!
code=0
npx vitest run --project shared-world || code=$?
wait "$second" || code=$?
cat "$output"
rm -f "$output"
exit "$code"
