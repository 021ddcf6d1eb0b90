#!/bin/sh
# An ACME authority for which every domain name leads to one address. Usage: acme.sh ADDRESS
set -eu
pebble-challtestsrv -defaultIPv4 "$1" -defaultIPv6 "" -dns01 127.0.0.1:8053 -http01 "" -https01 "" -tlsalpn01 "" -management 127.0.0.1:8055 &
export PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0
exec pebble -config /etc/pebble/pebble.json -dnsserver 127.0.0.1:8053 -strict
