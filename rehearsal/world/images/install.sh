#!/bin/sh
# Installs packages into an image without starting their services and without leaving apt's caches.
# Usage: install.sh PACKAGE... ; /build/apt, where it exists, holds the sources and settings of the host's apt.
set -eu
export DEBIAN_FRONTEND=noninteractive
if [ -d /build/apt ]; then export APT_CONFIG=/build/apt/apt.conf; fi
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
apt-get -qq update
apt-get -qq install -y --no-install-recommends "$@"
apt-get clean
rm -rf /var/lib/apt/lists/* /usr/sbin/policy-rc.d
