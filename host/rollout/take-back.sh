#!/usr/bin/env bash
# Takes an unconfirmed cutover back at once.   rollout-take-back.sh APP
set -euo pipefail
exec "/usr/local/lib/$1/return-unconfirmed" "$1" now
