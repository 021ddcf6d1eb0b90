#!/usr/bin/env bash
# Prints facts about the host, one `name=value` a line, for the checks before anything is touched. Needs nothing installed.
#   preflight.sh APP
set -euo pipefail
app=$1

read -r free fullest < <(df --output=avail,target --block-size=1M /var/lib /var/lib/docker /opt 2>/dev/null | tail -n +2 | sort -n)
printf 'free_mb=%s\nfullest=%s\n' "$free" "$fullest"
records() { find "/var/lib/$app/deployments" -name '*.json' 2>/dev/null | sort | tail -n 20; }
printf 'deployments=[%s]\n' "$(records | xargs --no-run-if-empty sed --separate '1s/^/,/' | tr -d '\n' | sed 's/^,//')"
