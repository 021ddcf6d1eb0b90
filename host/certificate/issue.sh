#!/usr/bin/env bash
# Runs certbot once. Four failures within an hour and it refuses: Let's Encrypt forbids a name after the fifth.
#   certificate-issue.sh NAME CERTBOT_ARGUMENT...
set -euo pipefail
umask 077
failures=/var/lib/vps-plugin/certificates/$1.failures
shift
mkdir -p "$(dirname "$failures")"
touch "$failures"

hour_ago=$(($(date +%s) - 3600))
recent=$(awk -v since="$hour_ago" '$1 > since' "$failures" | tail -n 4)
if [ "$(grep -c . <<<"$recent")" -ge 4 ]; then
  free=$(date -u -d "@$(($(head -n 1 <<<"$recent") + 3600))" +%H:%M)
  echo "rateLimited: four attempts failed within an hour, and the authority locks a name at the fifth: free at $free UTC" >&2
  exit 1
fi

if ! words=$(certbot "$@" </dev/null 2>&1); then
  date +%s >>"$failures"
  printf '%s\n' "$words" >&2
  exit 1
fi
rm "$failures"
