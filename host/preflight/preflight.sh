#!/usr/bin/env bash
# Prints facts about the host, one `name=value` a line, for the checks before anything is touched. Needs nothing installed.
#   preflight.sh APP
set -euo pipefail
app=$1

listener() { ss --no-header --listening --tcp --processes "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)".*/\1/p' | head -n 1; }

# shellcheck source=/dev/null
. /etc/os-release
user=${SUDO_USER:-$(id -un)}
printf 'os=%s\n' "${ID:-unknown}"
printf 'version=%s\n' "${VERSION_ID:-unknown}"
printf 'init=%s\n' "$(cat /proc/1/comm)"
printf 'docker=%s\n' "$(command -v dockerd >/dev/null && echo installed || echo missing)"
printf 'groups=%s\n' "$(id -nG "$user")"
read -r free fullest < <(df --output=avail,target --block-size=1M /var/lib /var/lib/docker /opt 2>/dev/null | tail -n +2 | sort -n)
printf 'free_mb=%s\nfullest=%s\n' "$free" "$fullest"
printf 'port80=%s\n' "$(listener 80)"
printf 'port443=%s\n' "$(listener 443)"
records() { find "/var/lib/$app/deployments" -name '*.json' 2>/dev/null | sort | tail -n 20; }
printf 'deployments=[%s]\n' "$(records | xargs --no-run-if-empty sed --separate '1s/^/,/' | tr -d '\n' | sed 's/^,//')"
