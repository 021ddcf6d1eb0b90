#!/bin/sh
# Keeps packages and what they need in a folder of the server, without installing them.   keep-packages.sh FOLDER PACKAGE...
set -eu
export DEBIAN_FRONTEND=noninteractive
if [ -d /build/apt ]; then export APT_CONFIG=/build/apt/apt.conf; fi
folder=$1
shift
mkdir -p "$folder"
apt-get -qq update
apt-get -qq install -y --no-install-recommends --download-only "$@"
mv /var/cache/apt/archives/*.deb "$folder"
rm -rf /var/lib/apt/lists/*
