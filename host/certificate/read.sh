#!/usr/bin/env bash
# Prints certbot's lineage NAME, one KEY=VALUE per line; prints nothing when it does not exist.
# When only parts of it exist, it prints one remains=PATH per part: certbot would then make another one, NAME-0001.
#   certificate-read.sh NAME
set -euo pipefail
live=/etc/letsencrypt/live/$1/cert.pem renewal=/etc/letsencrypt/renewal/$1.conf
if ! [ -e "$live" ]; then
  for part in "$renewal" "/etc/letsencrypt/live/$1" "/etc/letsencrypt/archive/$1"; do
    if [ -e "$part" ]; then printf 'remains=%s\n' "$part"; fi
  done
  exit 0
fi

setting() { sed -n "s/^$1 *= *//p" "$renewal" 2>/dev/null || true; }

openssl x509 -in "$live" -noout -startdate -enddate -issuer -nameopt RFC2253 -fingerprint -sha256
printf 'key=%s\n' "$(openssl x509 -in "$live" -noout -text | sed -n 's/^ *Public Key Algorithm: //p')"
printf 'names=%s\n' "$(openssl x509 -in "$live" -noout -ext subjectAltName | grep -o 'DNS:[^, ]*' | cut -d : -f 2 | tr '\n' ' ')"
# Its responder of OCSP, where it names one.
printf 'responder=%s\n' "$(openssl x509 -in "$live" -noout -ocsp_uri | sed -n 1p)"
printf 'server=%s\n' "$(setting server)"
printf 'authenticator=%s\n' "$(setting authenticator)"
printf 'webroot=%s\n' "$(setting webroot_path | sed 's/,.*//')"
printf 'renewBefore=%s\n' "$(setting renew_before_expiry)"
