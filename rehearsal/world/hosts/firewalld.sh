#!/usr/bin/env bash
# A server whose firewalld lets ssh in, and nothing else.
set -euo pipefail
dpkg --install /var/lib/rehearsal-packages/firewalld/*.deb >/dev/null 2>&1
systemctl enable --now --quiet firewalld.service
firewall-cmd --state >/dev/null
# Docker adds a zone of its own at its next start.
systemctl restart docker.service
