#!/bin/sh
# Puts the distribution's nginx into FOLDER, without installing it, so that no service starts.   nginx.sh FOLDER
set -eu
if ! command -v apt-get >/dev/null; then
  echo "the tests run a real nginx, which they take from Debian or Ubuntu: run them there" >&2
  exit 1
fi
cd "$1"
fetch() { apt-get -qq -o APT::Sandbox::User=root download nginx nginx-common 2>/dev/null; }
fetch || { apt-get -qq update && fetch; }
for package in ./*.deb; do dpkg-deb --extract "$package" .; done
rm ./*.deb
usr/sbin/nginx -v 2>&1
