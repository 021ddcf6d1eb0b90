#!/usr/bin/env bash
# Installs Node.js, sudo and the user of the deploy keys, if they are missing. Safe to repeat.
#   install.sh USER HOME
set -euo pipefail
user=$1 home=$2
missing=()
command -v nodejs >/dev/null || missing+=(nodejs)
command -v sudo >/dev/null || missing+=(sudo)
if [ "${#missing[@]}" -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=300 -qq update >&2
  apt-get -o DPkg::Lock::Timeout=300 -qq install --yes --no-install-recommends "${missing[@]}" >&2
fi
version=$(nodejs --version)
major=${version#v} major=${major%%.*}
if [ "$major" -lt 18 ]; then
  echo "deploy keys need Node.js 18 or newer, and this server has $version" >&2
  echo "  next: install Node.js 18 or newer on the server, or remove host.deployKeys" >&2
  exit 1
fi
if found=$(getent passwd "$user"); then
  if [ "$(cut -d: -f6 <<<"$found")" != "$home" ]; then
    echo "the server has a user $user already, and it is not of this program" >&2
    echo "  next: rename that user, or remove host.deployKeys" >&2
    exit 1
  fi
else
  # The password * fits nothing. An account that is locked with ! would refuse keys, too.
  useradd --system --no-create-home --home-dir "$home" --shell /bin/sh --password '*' --user-group "$user"
fi
