#!/usr/bin/env bash
# A server whose provider gives a user with passwordless sudo: root cannot log in, and the user is in no group but its own.
set -euo pipefail
if getent group docker >/dev/null; then gpasswd --delete deploy docker; fi
printf 'PermitRootLogin no\nMaxAuthTries 3\n' >/etc/ssh/sshd_config.d/10-provider.conf
systemctl reload ssh.service
