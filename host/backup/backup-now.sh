#!/usr/bin/env bash
# Runs the backup job as its timer does, waits for its end and prints its report.   backup-now.sh APP daily|permanent
set -euo pipefail
app=$1 unit=$1-backup@$2.service
systemctl cat "$unit" >/dev/null 2>&1 || { echo "this server has no backups: configure \`backups\` and run pulumi up" >&2 && exit 1; }
if ! systemctl start "$unit" 2>/dev/null; then
  journalctl --output=cat --lines=15 "_SYSTEMD_INVOCATION_ID=$(systemctl show --property InvocationID --value "$unit")" >&2
  exit 1
fi
cat "/var/lib/$app/backups/last-run.json"
