#!/usr/bin/env bash
# Tells certbot to renew the lineage NAME when it has fewer than DAYS to run. certbot keeps the line at renewals.
#   certificate-schedule.sh NAME DAYS
set -euo pipefail
renewal=/etc/letsencrypt/renewal/$1.conf
next=$renewal.next
{
  printf 'renew_before_expiry = %s days\n' "$2"
  sed '/^[# ]*renew_before_expiry *=/d' "$renewal"
} >"$next"
chmod --reference="$renewal" "$next"
sync "$next"
mv "$next" "$renewal"
