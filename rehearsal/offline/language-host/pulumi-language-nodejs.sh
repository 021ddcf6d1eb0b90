#!/bin/sh
# The language host as the engine looks for it: an executable beside the pulumi binary. The binary is shared by all
# checkouts of this machine, so each checkout names its own compiled host.
set -eu
exec node "${MEMORYLOOP_LANGUAGE_HOST:?names the language host that npm run build makes}" "$@"
