#!/usr/bin/env bash
# Asks the site on the server itself, first as a visitor through nginx and TLS, then the active release through its socket,
# without nginx. Prints one JSON object.   ask-site.sh APP DOMAIN PATH SECONDS
# The chain on disk is the trust anchor: it proves name and dates, for a staging or test authority too.
set -euo pipefail
app=$1 domain=$2 path=$3 seconds=$4
body=$(mktemp) said=$(mktemp)
trap 'rm -f "$body" "$said"' EXIT

ask() { # CURL_ARGUMENT...
  local status
  : >"$body"
  if status=$(curl --silent --show-error --max-time "$seconds" --max-filesize 65536 --output "$body" \
    --write-out '%{http_code}' "$@" 2>"$said"); then
    jq -cn --argjson status "$status" --rawfile body "$body" '{ kind: "answer", status: $status, body: $body }'
  else
    jq -cn --rawfile cause "$said" '{ kind: "none", cause: ($cause | rtrimstr("\n")) }'
  fi
}

state() { systemctl is-active "$1" 2>/dev/null || true; }

release=$(basename "$(readlink "/var/lib/$app/current.sock" 2>/dev/null || true)" .sock)
jq -n --arg release "$release" --arg nginx "$(state nginx.service)" \
  --arg socket "$(state "$app-release@$release.socket")" --arg proxy "$(state "$app-release@$release.service")" \
  --argjson public "$(ask --resolve "$domain:443:127.0.0.1" --cacert "/etc/letsencrypt/live/$domain/chain.pem" "https://$domain$path")" \
  --argjson direct "$(ask --unix-socket "/var/lib/$app/current.sock" --header "Host: $domain" --header 'X-Forwarded-Proto: https' "http://$domain$path")" \
  '{ $release, $nginx, $socket, $proxy, $public, $direct }'
