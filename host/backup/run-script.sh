#!/usr/bin/env bash
# Runs one of the host's backup scripts with its variables, which only root can read.   backup-script.sh APP SCRIPT [ARG ...]
# As a unit of its own: it goes on when the line breaks, so that nothing is left half-way.
set -euo pipefail
app=$1 script=/usr/local/lib/$1-backup/$2.sh
[ -x "$script" ] || { echo "this host makes no backups: configure \`backups\` and run pulumi up" >&2 && exit 1; }
exec systemd-run --quiet --pipe --wait --collect --property="EnvironmentFile=/opt/$app/config/backup.env" \
  --property=Nice=10 --property=PrivateTmp=yes --setenv="APP=$app" "$script" "${@:3}"
