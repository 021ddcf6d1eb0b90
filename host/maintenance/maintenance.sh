#!/usr/bin/env bash
# Maintenance of an app's site: while the file `on` exists, nginx answers 503 with the page. Prints one JSON object.
#   maintenance.sh APP on [ADDRESS...]    stdin: the page; the addresses see the site
#   maintenance.sh APP off|status
set -euo pipefail
umask 022
app=$1 verb=$2
shift 2
folder=/var/lib/$app/maintenance

fail() { printf '%s\n' "$1" >&2 && exit 1; }

# The flag comes last, so nginx never finds it without the page.
begin() { # ADDRESS...
  local address
  [ -d "/var/lib/$app" ] || fail "$app is not deployed on this server"
  grep -qF "$folder/on" "/etc/nginx/sites-available/$app.conf" 2>/dev/null ||
    fail "the site of $app is of an earlier version of this program and knows no maintenance: run pulumi up first"
  mkdir -p "$folder"
  cat >"$folder/page.html.new"
  mv -T "$folder/page.html.new" "$folder/page.html"
  rm -rf "$folder/allow"
  mkdir "$folder/allow"
  for address in "$@"; do : >"$folder/allow/$address"; done
  [ -e "$folder/on" ] || : >"$folder/on"
}

report() {
  local state=off since='' allowed=()
  if [ -e "$folder/on" ]; then
    state=on since=$(date --utc --reference="$folder/on" +%Y-%m-%dT%H:%M:%SZ)
    mapfile -t allowed < <(find "$folder/allow" -type f -printf '%f\n' 2>/dev/null | sort)
  fi
  jq --null-input --compact-output --arg state "$state" --arg since "$since" \
    '{state: $state, since: (if $since == "" then null else $since end), allow: $ARGS.positional}' --args "${allowed[@]}"
}

case $verb in
  on) begin "$@" ;;
  off) rm -f "$folder/on" ;;
  status) ;;
  *) fail "maintenance.sh APP on|off|status" ;;
esac
report
