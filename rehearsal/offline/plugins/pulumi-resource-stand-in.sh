#!/bin/sh
# A stand-in plugin as the engine looks for it: an executable in PULUMI_HOME. The compiled program lies beside it.
set -eu
exec node "${0%/*}/index.js" "$@"
