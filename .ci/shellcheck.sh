#!/bin/sh
# Checks every shell script the repository tracks or is about to. With `install` it only installs shellcheck.
set -eu
if ! command -v shellcheck >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    (apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y shellcheck) >&2
  else
    echo "shellcheck is not installed: install it (Debian: apt install shellcheck; macOS: brew install shellcheck)" >&2
    exit 1
  fi
fi
if [ "${1:-}" = install ]; then exit; fi
# Programs that are installed on a server have no ending: their first line tells.
git ls-files --cached --others --exclude-standard -z | xargs -0 -r grep -lIZE -m1 '^#!.*/(env )?(ba|da)?sh$' -- | xargs -0 -r shellcheck
