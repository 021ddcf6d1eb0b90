#!/bin/bash
# Makes a Docker image of a minimal Debian. Usage: debootstrap.sh SUITE IMAGE
# Needs root on a Debian host; packages come from where this host's own apt gets them.
set -euo pipefail
suite=$1
image=$2
if ! command -v debootstrap >/dev/null; then
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends debootstrap
fi
mirror=$(apt-get indextargets --format "\$(ORIGIN) \$(LABEL) \$(REPO_URI)" 'Created-By: Packages' | awk '$1 $2 == "DebianDebian" { print $3; exit }')
eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
if [ -n "${http_proxy:-}" ]; then export http_proxy; fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
debootstrap --variant=minbase "$suite" "$folder/root" "${mirror:-http://deb.debian.org/debian}" >"$folder/log" 2>&1 || {
  tail -n 20 "$folder/log" >&2
  exit 1
}
cat >"$folder/root/etc/apt/sources.list" <<EOF
deb http://deb.debian.org/debian $suite main
deb http://deb.debian.org/debian $suite-updates main
deb http://deb.debian.org/debian-security $suite-security main
EOF
find "$folder/root/var/cache/apt/archives" "$folder/root/var/lib/apt/lists" -type f -delete
tar -C "$folder/root" -c . | docker import --change 'CMD ["bash"]' - "$image"
