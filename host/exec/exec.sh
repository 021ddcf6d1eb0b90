#!/usr/bin/env bash
# Runs a command in the container of the active release.   exec.sh APP FLAGS WORD...     FLAGS: -i or -it
set -euo pipefail
app=$1 flags=$2
shift 2
release=$(basename "$(readlink "/var/lib/$app/current.sock" 2>/dev/null || true)" .sock)
[ -n "$release" ] || { echo "no release of $app serves: deploy one first" >&2 && exit 1; }
exec docker exec "$flags" "$app-$release" "$@"
