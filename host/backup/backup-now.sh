#!/usr/bin/env bash
# Runs the backup job as its timer does, waits for its end and prints its report.   backup-now.sh APP daily|permanent
set -euo pipefail
app=$1 unit=$1-backup@$2.service

words() { # of the run that failed; on a busy server the journal gets them a moment later
  local run lines=""
  run=$(systemctl show --property InvocationID --value "$unit")
  for _ in {1..10}; do
    journalctl --sync
    lines=$(journalctl --output=cat --lines=15 "_SYSTEMD_INVOCATION_ID=$run")
    if [ -n "$lines" ]; then break; fi
    sleep 0.5
  done
  printf '%s\n' "$lines"
}

systemctl cat "$unit" >/dev/null 2>&1 || { echo "this server has no backups: configure \`backups\` and run pulumi up" >&2 && exit 1; }
if ! systemctl start "$unit" 2>/dev/null; then
  words >&2
  exit 1
fi
cat "/var/lib/$app/backups/last-run.json"
