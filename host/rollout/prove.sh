#!/usr/bin/env bash
# Asks the public site through nginx and TLS, on the server itself, and prints the body of the health endpoint.
# The chain file is the trust anchor, so this proves name and dates also for a staging or a test authority.
#   rollout-prove.sh DOMAIN PATH SECONDS
set -euo pipefail
curl --silent --show-error --fail --max-time "$3" --resolve "$1:443:127.0.0.1" \
  --cacert "/etc/letsencrypt/live/$1/chain.pem" "https://$1$2"
