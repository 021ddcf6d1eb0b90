#!/usr/bin/env bash
# Prints an inventory of the server: one record per line, fields separated by tabs, between the lines `begin` and `end`.
# host/inventory/inventory.ts parses it. Changes nothing, and needs nothing installed beyond a base system.
#   inventory.sh APP
set -euo pipefail
app=$1
sets=/var/lib/vps-plugin/sets

has() { command -v "$1" >/dev/null; }
record() { # FIELD...: one line; a field has no tab and no line break
  local line
  printf -v line '%s\t' "${@//[$'\t\n']/ }"
  printf '%s\n' "${line%$'\t'}"
}
# FILE of each set below $sets, as its lines: OWNER, a tab, and the line. A set of an earlier version has no owner.
# shellcheck disable=SC2016  # awk expands it
of_sets() {
  { find "$sets" -mindepth 2 -maxdepth 2 -name "$1" -type f 2>/dev/null || true; } | sort | xargs -r awk '
    FNR == 1 { owner = ""; file = FILENAME; sub(/[^\/]*$/, "owner", file); getline owner <file; close(file) }
    { print owner "\t" $0 }'
}
# Configuration files of packages that somebody changed, and those that nobody did: dpkg knows their checksums.
conffiles() { dpkg-query --show --showformat='${Conffiles}\n' nginx nginx-common openssh-server docker.io certbot 2>/dev/null || true; }
is_pristine() { grep -qF " $(readlink -f "$2") $(md5sum <"$2" | cut -d ' ' -f 1)" <<<"$1"; } # CONFFILES FILE

system() {
  # shellcheck source=/dev/null
  . /etc/os-release
  record os "${ID:-unknown}" "${VERSION_ID:-}" "$(uname -m)" "$(uname -r)" "$(cat /proc/1/comm)"
  record memory "$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo)"
  record clock "$(date +%s)"
  record ipv6 "$([ -e /proc/net/if_inet6 ] && echo yes || echo no)"
  # Not each of these exists on a fresh server.
  { df --output=target,size,avail --block-size=1M / /var/lib /var/lib/docker /opt 2>/dev/null || true; } | awk 'NR > 1 && !seen[$1]++ { print "disk\t" $1 "\t" $2 "\t" $3 }'
}

login() {
  local user=${SUDO_USER:-$(id -un)}
  record login "$user" "$(id -u "$user")" "$(getent passwd "$user" | cut -d: -f7)" "$(id -nG "$user")"
}

docker_engine() {
  local package=none version running config=/etc/docker/daemon.json
  has dockerd || { record docker none '' '' && return; }
  # The daemon answers much faster than its program starts.
  if version=$(docker version --format '{{.Server.Version}}' 2>/dev/null); then
    running=yes
  else
    running='' version=$(dockerd --version 2>/dev/null | sed -n 's/^Docker version \([0-9.]*\).*/\1/p')
  fi
  case $(readlink -f "$(command -v dockerd)") in /snap/*) package=snap ;; *) package=$(dpkg-query --search "$(readlink -f "$(command -v dockerd)")" 2>/dev/null | cut -d: -f1) || package=other ;; esac
  record docker "$package" "${version%%[^0-9.]*}" "$(base64 -w 0 "$config" 2>/dev/null || true)"
  if [ -z "$running" ]; then return 0; fi
  # A container or network can go away meanwhile.
  docker ps --all --format $'container\t{{.Names}}\t{{.Image}}\t{{.Label "app"}}\t{{.State}}\t{{.Ports}}'
  docker network ls --quiet | xargs -r docker network inspect --format \
    $'network\t{{.Name}}\t{{index .Labels "app"}}\t{{range .IPAM.Config}}{{.Subnet}} {{end}}' || true
}

nginx_server() {
  local configuration list
  has nginx || { record nginx '' && return; }
  record nginx "$(nginx -v 2>&1 | sed -n 's#^nginx version: nginx/\([0-9.]*\).*#\1#p')"
  configuration=$(nginx -T 2>/dev/null) || record nginx-broken "$(nginx -t 2>&1 | grep -m 1 emerg)"
  # A statement ends with a semicolon or a brace, on the same line as others or some lines later.
  awk '
    /^# configuration file / { file = $4; sub(/:$/, "", file); rest = ""; next }
    {
      sub(/#.*/, ""); rest = rest " " $0
      while (match(rest, /[;{}]/)) {
        statement = substr(rest, 1, RSTART - 1); rest = substr(rest, RSTART + 1)
        gsub(/[ \t]+/, " ", statement); sub(/^ /, "", statement); sub(/ $/, "", statement)
        split(statement, word, " ")
        if (statement ~ /^server_name /) print "nginx-name\t" file "\t" substr(statement, 13)
        if (statement ~ /^listen .* default(_server)?( |$)/) print "nginx-default\t" file "\t" word[2]
      }
    }' <<<"$configuration" | sort -u
  list=$(conffiles)
  for file in /etc/nginx/nginx.conf /etc/nginx/sites-enabled/* /etc/nginx/conf.d/*; do
    [ -f "$file" ] || continue
    record nginx-file "$file" "$(is_pristine "$list" "$file" && echo pristine || echo changed)"
  done
}

certificates() {
  local renewal name
  for renewal in /etc/letsencrypt/renewal/*.conf; do
    [ -f "$renewal" ] || continue
    name=$(basename "$renewal" .conf)
    record lineage "$name" "$(sed -n 's/^authenticator *= *//p' "$renewal" | head -n 1)" \
      "$([ -e "/etc/letsencrypt/live/$name/fullchain.pem" ] && echo yes || echo no)" "$(grep -cE '^(pre|post|renew)_hook' "$renewal" || true)"
  done
  for name in /etc/letsencrypt/live/*/ /etc/letsencrypt/archive/*/; do
    name=$(basename "$name")
    [ "$name" = '*' ] || [ -e "/etc/letsencrypt/renewal/$name.conf" ] || record lineage "$name" '' no 0
  done | sort -u
}

# The ports that an active ufw lets in from everywhere: its rules, also those of application profiles, and its default.
ufw_rules() {
  awk '$1 == "###" && $2 == "tuple" && ($4 == "allow" || $4 == "limit") && $7 == "0.0.0.0/0" && $8 == "any" && $9 == "0.0.0.0/0" && / in( comment=|$)/ { print $6 "/" $5 }' \
    /etc/ufw/user.rules 2>/dev/null | sort -u
  if grep -qx 'DEFAULT_INPUT_POLICY="ACCEPT"' /etc/default/ufw 2>/dev/null; then echo any; fi
}

firewalls() {
  local active=''
  # `ufw status` takes a quarter of a second; its chain tells the same.
  if has ufw && grep -qix 'ENABLED=yes' /etc/ufw/ufw.conf 2>/dev/null && iptables --list-rules ufw-user-input >/dev/null 2>&1; then
    active=yes
    record ufw "$(ufw_rules | tr '\n' ' ')"
  fi
  if has firewall-cmd && firewall-cmd --state >/dev/null 2>&1; then
    record firewalld "$(firewall-cmd --list-ports) $(firewall-cmd --list-services)"
  fi
  has nft && nft list tables 2>/dev/null | while read -r _ family name; do
    case "$family $name" in 'inet vps' | *\ docker* | *firewalld*) continue ;; esac
    # These tables are ufw's, and the line above says what it lets in.
    if [ -n "$active" ] && [[ "$family $name" = ip?(6)\ filter ]]; then continue; fi
    if nft list table "$family" "$name" 2>/dev/null | grep -qE 'hook input .*policy drop'; then record nft-drop "$family $name"; fi
  done
  return 0
}

network() {
  has ss && ss --no-header --numeric --listening --tcp --udp --processes 2>/dev/null | awk '{
    n = split($5, parts, ":"); port = parts[n]; address = substr($5, 1, length($5) - length(port) - 1); sub(/%.*/, "", address)
    process = ""; if (match($0, /users:\(\("[^"]*"/)) process = substr($0, RSTART + 9, RLENGTH - 10)
    print "listener\t" $1 "\t" address "\t" port "\t" process }' | sort -u
  has ip && ip -oneline address show scope global 2>/dev/null | awk '{ sub(/\/.*/, "", $4); print "address\t" $4 }'
  has ip && ip -4 route show 2>/dev/null | awk '$1 ~ /\// { device = ""; for (i = 1; i < NF; i++) if ($i == "dev") device = $(i + 1); print "route\t" $1 "\t" device }'
  return 0
}

owned() {
  local folder file
  of_sets taken | awk -F '\t' '{ sub(/^path /, "", $2) && path[$2 "\t" $1] } END { for (one in path) print "owned\t" one }' | sort
  of_sets wanted | awk -F '\t' '{ print "shared\t" substr($2, 66) "\t" $1 "\t" substr($2, 1, 64) }' | sort
  for folder in /var/lib/*/deployments; do
    if [ -d "$folder" ]; then record app "$(basename "$(dirname "$folder")")"; fi
  done
  for file in /var/lib/*/renamed-to; do
    if [ -f "$file" ]; then record renamed "$(basename "${file%/renamed-to}")" "$(head -c 64 "$file")"; fi
  done
}

# The id of each app's data, and the directories of this app's data: their owner, and whether they hold anything. The app
# can put links there, so none is followed.
app_data() {
  local file directory
  for file in /opt/*/identity; do
    if [ -f "$file" ]; then record identity "$(basename "${file%/identity}")" "$(head -c 64 "$file")"; fi
  done
  for directory in "/opt/$app/data" "/opt/$app/data"/*; do
    if [ -d "$directory" ] && [ ! -L "$directory" ]; then
      record data "$directory" "$(stat --format %u "$directory")" "$([ -n "$(find "$directory" -mindepth 1 -print -quit)" ] && echo full || echo empty)"
    fi
  done
}

# The app's releases: the active one, or the release that serves again after the revert of an unconfirmed cutover, and one line
# for each deployment record: the file's name and its content. The reader decides which are bad.
# shellcheck disable=SC2016  # awk expands it
releases() {
  local active folder=/var/lib/$app/deployments
  active=$(basename "$(readlink "/var/lib/$app/current.sock" || true)" .sock)
  if [ -e "/var/lib/$app/unconfirmed" ]; then read -r active _ <"/var/lib/$app/unconfirmed"; fi
  record active "$active"
  [ -d "$folder" ] || return 0
  find "$folder" -maxdepth 1 -name '*.json' -empty -printf 'record\t%f\t\n'
  find "$folder" -maxdepth 1 -name '*.json' ! -empty | sort | tail -n 100 | xargs --no-run-if-empty awk '
    { gsub(/\t/, " ") }
    FNR == 1 { if (NR > 1) print ""; names = split(FILENAME, name, "/"); printf "record\t%s\t", name[names] }
    { printf "%s", $0 }
    END { if (NR) print "" }'
}

# All parts at the same time: most of them wait for another program. A part that fails ends the inventory without its last
# line. /run has room where a disk is full.
scratch=$(mktemp -d -p /run)
trap 'rm -rf "$scratch"' EXIT
parts=(system login docker_engine nginx_server certificates firewalls network owned app_data releases) started=()
for part in "${parts[@]}"; do
  "$part" >"$scratch/$part" &
  started+=("$!")
done
echo begin
for index in "${!parts[@]}"; do
  wait "${started[index]}"
  cat "$scratch/${parts[index]}"
done
echo end
