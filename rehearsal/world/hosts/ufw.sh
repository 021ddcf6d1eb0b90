#!/usr/bin/env bash
# A server whose ufw lets ssh in, and nothing else.
set -euo pipefail
dpkg --install /var/lib/rehearsal-packages/ufw*.deb >/dev/null 2>&1
ufw allow OpenSSH >/dev/null
ufw --force enable >/dev/null
# As after a boot.
systemctl start ufw.service
