#!/bin/sh
# The image of a fresh VPS: a system as a provider hands it out. The packages that the program installs are not there; apt
# finds them in a folder of the server, so that a rehearsal needs no network.
set -eu
packages=/var/lib/rehearsal-packages
sh /build/install.sh \
  systemd systemd-sysv dbus libpam-systemd openssh-server sudo iproute2 iputils-ping procps less curl ca-certificates \
  apt-utils
sh /build/server/make.sh
# From Debian 13 on, Docker's client is a package of its own.
# shellcheck source=/dev/null
cli=$(. /etc/os-release && [ "$VERSION_ID" -lt 13 ] || echo docker-cli)
# shellcheck disable=SC2086 # no package, or one
sh /build/server/keep-packages.sh "$packages" \
  docker.io $cli nginx certbot jq zstd nftables iptables logrotate unattended-upgrades rsync
cd "$packages"
apt-ftparchive packages . >Packages
rm -f /etc/apt/sources.list.d/*
echo "deb [trusted=yes] file:$packages ./" >/etc/apt/sources.list
