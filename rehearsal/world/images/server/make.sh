#!/bin/sh
# Makes a system into a server as a provider hands it out: a login with sudo, no keys of its own, and no units that would
# touch this machine.
set -eu
# In Debian 13 the locale is a link to a file that is not there yet.
cp -r --remove-destination /build/server/rootfs/. /
install -d /etc/rehearsal/forward

# A provider never hands out two servers with the same host keys or machine id: the keys are the world's, the id is drawn
# at the first boot.
rm -f /etc/ssh/ssh_host_*
: >/etc/machine-id
ln -sf /etc/machine-id /var/lib/dbus/machine-id
useradd --create-home --shell /bin/bash deploy
echo 'deploy ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/deploy
chmod 0440 /etc/sudoers.d/deploy
install -d -m 0700 /root/.ssh
install -d -m 0700 -o deploy -g deploy /home/deploy/.ssh

# Units that would touch the kernel or the devices of this machine, or that would wait for a network.
systemctl mask --quiet systemd-udevd.service systemd-udevd-kernel.socket systemd-udevd-control.socket \
  systemd-modules-load.service systemd-sysctl.service sys-kernel-debug.mount sys-kernel-tracing.mount \
  sys-fs-fuse-connections.mount dev-hugepages.mount getty.target console-getty.service
systemctl disable --quiet apt-daily.timer apt-daily-upgrade.timer
systemctl set-default --quiet multi-user.target
