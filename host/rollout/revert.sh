#!/usr/bin/env bash
# Reverts an unconfirmed cutover at once.   rollout-revert.sh APP
set -euo pipefail
program=/usr/local/lib/$1/revert-unconfirmed
# On a server that an earlier version of this program deployed, the file has its old name until the next `pulumi up`.
[ -x "$program" ] || program=/usr/local/lib/$1/return-unconfirmed
exec "$program" "$1" now
