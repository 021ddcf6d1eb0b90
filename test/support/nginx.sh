#!/bin/sh
# Puts the distribution's nginx and nft into FOLDER, without installing them, so that no service starts.   nginx.sh FOLDER
set -eu
if ! command -v apt-get >/dev/null; then
  echo "the tests run a real nginx, which they take from Debian or Ubuntu: run them there" >&2
  exit 1
fi
cd "$1"
packages='nginx nginx-common nftables libedit2 libjansson4 libmnl0 libnftables1 libnftnl11 libxtables12'
# shellcheck disable=SC2086  # one word for each package
fetch() { apt-get -qq -o APT::Sandbox::User=root download $packages 2>/dev/null; }
fetch || { apt-get -qq update && fetch; }
for package in ./*.deb; do dpkg-deb --extract "$package" .; done
rm ./*.deb
mv usr/lib/*-linux-gnu usr/lib/of-nft
usr/sbin/nginx -v 2>&1
