#!/usr/bin/env bash
# Proves that sshd, as configured at /etc/ssh, is the host that is known and lets USER in by a key: a whole login, by a key
# made for it, through an sshd of its own that nobody else can reach.
#   prove-login.sh USER HOST_KEY      HOST_KEY = "ssh-ed25519 AAAA...", as pinned by the one who will log in next
set -euo pipefail
user=$1 host_key=$2
mkdir -p /run/sshd
/usr/sbin/sshd -t
folder=$(mktemp --directory /run/prove-login.XXXXXX)
trap 'rm -rf "$folder"' EXIT
chmod 0755 "$folder"
ssh-keygen -q -t ed25519 -N '' -f "$folder/key"
printf 'vps %s\n' "$host_key" >"$folder/known_hosts"
# What Node's and Go's ssh libraries have in common with it.
timeout 20 ssh -F none -i "$folder/key" -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes -o LogLevel=ERROR \
  -o "ProxyCommand=/usr/sbin/sshd -i -o AuthorizedKeysFile=$folder/key.pub" -o KexAlgorithms=curve25519-sha256 \
  -o HostKeyAlias=vps -o "UserKnownHostsFile=$folder/known_hosts" -o GlobalKnownHostsFile=/dev/null \
  -o StrictHostKeyChecking=yes "$user@vps" true ||
  { echo "with this configuration nobody could log in as $user" >&2 && exit 1; }
