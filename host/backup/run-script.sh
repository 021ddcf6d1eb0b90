#!/usr/bin/env bash
# Runs one of the server's backup scripts with its variables, which only root can read.   run-script.sh APP SCRIPT [ARG ...]
# It runs as a unit of its own, in the sandbox of the backup units. A lost connection does not stop it half way.
set -euo pipefail
app=$1 here=/usr/local/lib/$1-backup
[ -x "$here/$2.sh" ] || { echo "this server has no backups: configure \`backups\` and run pulumi up" >&2 && exit 1; }
mapfile -t settings < <(grep -hv '^#' /usr/local/lib/vps/sandbox.conf "$here/sandbox.conf")
if [ "$2 ${3:-}" = "restore to" ]; then # it writes into a directory that the operator names
  settings+=(ProtectHome=no PrivateTmp=no "ReadWritePaths=$(dirname "$5")")
fi
exec systemd-run --quiet --pipe --wait --collect "${settings[@]/#/--property=}" --property="EnvironmentFile=/opt/$app/config/backup.env" \
  --property=Nice=10 --property=RuntimeMaxSec=4h --setenv="APP=$app" "$here/$2.sh" "${@:3}"
