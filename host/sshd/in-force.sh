#!/usr/bin/env bash
# Whether sshd's settings are the drop-in's, whatever other files say.
set -euo pipefail
settings=$(/usr/sbin/sshd -T)
while read -r name value; do
  # sshd tells some values in other words than it was given: these two have only one.
  case ${value,,} in yes | no) grep --quiet --line-regexp "${name,,} ${value,,}" <<<"$settings" ;; esac
done < <(grep '^[A-Z]' /etc/ssh/sshd_config.d/00-vps.conf)
