#!/usr/bin/env bash
# Installs what the VPS needs, where it is missing, and prints the version of nginx. Safe to repeat; touches nothing that
# is there.
set -euo pipefail
packages=(docker.io nginx certbot jq zstd curl ca-certificates iproute2 nftables logrotate unattended-upgrades openssh-client)
missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
# Docker from its own repository serves as well as Debian's.
if command -v dockerd >/dev/null; then missing=("${missing[@]/docker.io/}"); fi
# shellcheck disable=SC2206  # empty words fall out here
missing=(${missing[@]})
install() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=300 -qq update >&2
  apt-get -o DPkg::Lock::Timeout=300 -qq install --yes --no-install-recommends "$@" >&2
}
if [ "${#missing[@]}" -gt 0 ]; then install "${missing[@]}"; fi
# From Debian 13 on, Docker's client is a package of its own.
if ! command -v docker >/dev/null; then install docker-cli; fi
# Docker connects by ssh as the login user, who needs the group. A new login has it.
if [ -n "${SUDO_USER:-}" ]; then usermod --append --groups docker "$SUDO_USER"; fi
# ssh-audit asks for a key of this strength beside the existing keys, and for the strong groups of OpenSSH only.
key=/etc/ssh/ssh_host_rsa4096_key groups=/etc/ssh/moduli-3072
[ -e "$key" ] || ssh-keygen -q -t rsa -b 4096 -N '' -C '' -f "$key" >&2
[ -e "$groups" ] || awk '$5 >= 3071' /etc/ssh/moduli >"$groups"
nginx -v 2>&1 | sed -n 's#^nginx version: nginx/\([0-9.]*\).*#\1#p'
