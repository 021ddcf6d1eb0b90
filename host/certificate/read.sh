#!/usr/bin/env bash
# Prints certbot's lineage NAME, one KEY=VALUE per line; prints nothing when it does not exist.
#   certificate-read.sh NAME
set -euo pipefail
live=/etc/letsencrypt/live/$1/cert.pem renewal=/etc/letsencrypt/renewal/$1.conf
[ -e "$live" ] || exit 0

setting() { sed -n "s/^$1 *= *//p" "$renewal" 2>/dev/null || true; }

openssl x509 -in "$live" -noout -startdate -enddate -issuer -nameopt RFC2253 -fingerprint -sha256
printf 'key=%s\n' "$(openssl x509 -in "$live" -noout -text | sed -n 's/^ *Public Key Algorithm: //p')"
printf 'names=%s\n' "$(openssl x509 -in "$live" -noout -ext subjectAltName | grep -o 'DNS:[^, ]*' | cut -d : -f 2 | tr '\n' ' ')"
# Its responder of OCSP, where it names one.
printf 'responder=%s\n' "$(openssl x509 -in "$live" -noout -ocsp_uri | sed -n 1p)"
printf 'server=%s\n' "$(setting server)"
printf 'renewBefore=%s\n' "$(setting renew_before_expiry)"
