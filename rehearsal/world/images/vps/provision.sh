#!/bin/sh
# The image of the rehearsal VPS: a Debian server as a provider hands it out, with the packages that the program
# installs already there, so that a rehearsal is fast and needs no network.
set -eu
sh /build/install.sh \
  systemd systemd-sysv dbus libpam-systemd openssh-server sudo iproute2 iputils-ping iptables procps less \
  nginx certbot docker.io jq zstd curl ca-certificates openssl nodejs nftables rsync logrotate unattended-upgrades
sh /build/server/make.sh
usermod --append --groups docker deploy
# For a server that others use: hosts/*.sh install them.
sh /build/server/keep-packages.sh /var/lib/rehearsal-packages ufw busybox-static
sh /build/server/keep-packages.sh /var/lib/rehearsal-packages/firewalld firewalld
