#!/bin/sh
# The image of the rehearsal's services: a Docker registry and an ACME test authority.
set -eu
sh /build/install.sh ca-certificates curl docker-registry pebble
cp -r /build/services/rootfs/. /
install -d -m 0700 /etc/pebble/tls
