#!/usr/bin/env bash
# Asks the public site through nginx and TLS, on the server itself, and prints the body of the health endpoint and the
# value of the header that reports the version, as one JSON object. Fails on any answer but 200.
# The chain file is the trust anchor, so this proves name and dates also for a staging or a test authority.
#   rollout-prove.sh DOMAIN PATH SECONDS VERSION_HEADER
set -euo pipefail
header=$4
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=$(curl --silent --show-error --max-time "$3" --resolve "$1:443:127.0.0.1" --output "$scratch/body" \
  --dump-header "$scratch/headers" --write-out '%{http_code}' \
  --cacert "/etc/letsencrypt/live/$1/chain.pem" "https://$1$2")
if [ "$status" != 200 ]; then
  echo "answered $status, not 200: $(head --bytes 500 "$scratch/body")" >&2
  exit 1
fi
version=
if [ -n "$header" ]; then
  version=$(sed -n "s/^$header:[[:space:]]*\\(.*[^[:space:]]\\)[[:space:]]*\$/\\1/Ip" "$scratch/headers" | tail -n 1)
fi
jq -cn --arg version "$version" --rawfile body "$scratch/body" '{ $version, $body }'
