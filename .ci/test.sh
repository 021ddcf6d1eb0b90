#!/usr/bin/env bash
# `npm test`: types and lint at the same time as the quick tests. Prints the output of types and lint after the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
sh .ci/prepare.sh
# Before the tests: they install packages, too, and only one program can do that at a time.
sh .ci/shellcheck.sh install
output="$(mktemp)"
(npm run -s typecheck && npm run -s lint) >"$output" 2>&1 &
checks=$!
code=0
npm run -s test:quick || code=$?
wait "$checks" || code=$?
cat "$output"
rm -f "$output"
exit "$code"
