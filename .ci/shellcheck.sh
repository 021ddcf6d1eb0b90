#!/bin/sh
# Checks every shell script the repository tracks or is about to.
set -eu
if ! command -v shellcheck >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    (apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y shellcheck) >&2
  else
    echo "shellcheck is not installed: install it (Debian: apt install shellcheck; macOS: brew install shellcheck)" >&2
    exit 1
  fi
fi
git ls-files --cached --others --exclude-standard -z -- '*.sh' '.ci/run' 'provider/pulumi-resource-vps' | xargs -0 -r shellcheck
