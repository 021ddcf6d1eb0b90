#!/usr/bin/env bash
# Asks the public site through nginx and TLS, on the host itself, and prints the health endpoint's body.
# The chain on disk is the trust anchor: it proves name and dates, for a staging or test authority too.
#   rollout-prove.sh DOMAIN PATH SECONDS
set -euo pipefail
curl --silent --show-error --fail --max-time "$3" --resolve "$1:443:127.0.0.1" \
  --cacert "/etc/letsencrypt/live/$1/chain.pem" "https://$1$2"
