#!/usr/bin/env bash
# Whether nginx serves the certificate of DOMAIN that is on disk, and not one from before a renewal.   in-force.sh DOMAIN
set -euo pipefail
fingerprint() { openssl x509 -noout -fingerprint -sha256; }
on_disk=$(fingerprint <"/etc/letsencrypt/live/$1/cert.pem")
# Old workers may still answer for a moment after a reload.
for _ in {1..10}; do
  served=$(openssl s_client -connect 127.0.0.1:443 -servername "$1" </dev/null 2>/dev/null | fingerprint 2>/dev/null || true)
  if [ "$served" = "$on_disk" ]; then exit 0; fi
  sleep 0.5
done
exit 1
