#!/usr/bin/env bash
# Whether nftables would take the firewall, and whether ssh would still get through it.
set -euo pipefail
file=/etc/nftables.d/vps.nft
nft --check --file "$file"
while read -r port; do
  grep --quiet --extended-regexp "tcp dport \{ (.*, )?$port(,.*)? \} accept" "$file" ||
    { echo "sshd listens on port $port, which the firewall would close: set host.port to it" >&2 && exit 1; }
done < <(/usr/sbin/sshd -T | sed -n 's/^port //p')
