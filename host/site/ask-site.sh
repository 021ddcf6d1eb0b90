#!/usr/bin/env bash
# Asks the site on the server itself: as a visitor through nginx and TLS, and the active release through its socket, without
# nginx. Prints one JSON object.   ask-site.sh APP DOMAIN PATH SECONDS
# The chain on disk is the trust anchor: it proves name and dates, for a staging or test authority too.
set -euo pipefail
app=$1 domain=$2 path=$3 seconds=$4
answers=$(mktemp --directory)
trap 'rm -rf "$answers"' EXIT

ask() { # NAME CURL_ARGUMENT...
  local file=$answers/$1 answered status time http
  shift
  : >"$file.body"
  if answered=$(curl --silent --show-error --max-time "$seconds" --max-filesize 65536 --output "$file.body" \
    --write-out '%{http_code} %{time_total} %{http_version}' "$@" 2>"$file.errors"); then
    read -r status time http <<<"$answered"
    jq -cn --argjson status "$status" --argjson seconds "$time" --arg http "$http" --rawfile body "$file.body" \
      '{ kind: "answer", $status, $seconds, $http, $body }' >"$file"
  else
    jq -cn --rawfile cause "$file.errors" '{ kind: "none", cause: ($cause | rtrimstr("\n")) }' >"$file"
  fi
}

state() { systemctl is-active "$1" 2>/dev/null || true; }

ask public --resolve "$domain:443:127.0.0.1" --cacert "/etc/letsencrypt/live/$domain/chain.pem" "https://$domain$path" &
ask direct --unix-socket "/var/lib/$app/current.sock" --header "Host: $domain" --header 'X-Forwarded-Proto: https' "http://$domain$path" &
release=$(basename "$(readlink "/var/lib/$app/current.sock" 2>/dev/null || true)" .sock)
nginx=$(state nginx.service) socket=$(state "$app-release@$release.socket") proxy=$(state "$app-release@$release.service")
wait
jq -n --arg release "$release" --arg nginx "$nginx" --arg socket "$socket" --arg proxy "$proxy" \
  --slurpfile public "$answers/public" --slurpfile direct "$answers/direct" \
  '{ $release, $nginx, $socket, $proxy, public: $public[0], direct: $direct[0] }'
