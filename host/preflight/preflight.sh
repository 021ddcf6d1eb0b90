#!/usr/bin/env bash
# Prints facts about the host, one `name=value` a line, for the checks before anything is touched. Needs nothing installed.
#   preflight.sh APP
set -euo pipefail
app=$1

read -r free fullest < <(df --output=avail,target --block-size=1M /var/lib /var/lib/docker /opt 2>/dev/null | tail -n +2 | sort -n)
printf 'free_mb=%s\nfullest=%s\n' "$free" "$fullest"
active=$(basename "$(readlink "/var/lib/$app/current.sock" || true)" .sock)
if [ -e "/var/lib/$app/unconfirmed" ]; then read -r active _ <"/var/lib/$app/unconfirmed"; fi
printf 'active=%s\n' "$active"
# One line per deployment record: the file's name and its content, with a tab between. The reader decides which are bad.
# shellcheck disable=SC2016  # awk expands it
records() {
  local folder=/var/lib/$app/deployments
  [ -d "$folder" ] || return 0
  find "$folder" -maxdepth 1 -name '*.json' -empty -printf '%f\t\n'
  find "$folder" -maxdepth 1 -name '*.json' ! -empty | sort | tail -n 100 | xargs --no-run-if-empty awk '
    FNR == 1 { if (NR > 1) print ""; names = split(FILENAME, name, "/"); printf "%s\t", name[names] }
    { printf "%s", $0 }
    END { if (NR) print "" }'
}
records | sed 's/^/record=/'
