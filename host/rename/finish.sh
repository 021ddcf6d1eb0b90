#!/usr/bin/env bash
# Ends a rename that prepare.sh began: removes the rest of the former name. The engine has removed its site, units and
# containers before. Files that others put into the app's folder stay. Safe to repeat.
#   finish.sh APP NEW
set -euo pipefail
app=$1 new=$2
home=/opt/$app state=/var/lib/$app new_state=/var/lib/$new

fail() { printf '%s\n' "$1" >&2 && exit 1; }

if [ ! -e "$state/renamed-to" ]; then exit 0; fi
[ "$(cat "$state/renamed-to")" = "$new" ] || fail "$app is being renamed to $(cat "$state/renamed-to"), not to $new"
[ -z "$(docker ps --all --quiet --filter "label=app=$app")" ] || fail "containers of $app are still there: docker ps --all --filter label=app=$app"
for set in /var/lib/vps-plugin/sets/*"@$app"; do
  [ ! -e "$set" ] || fail "the file set ${set##*/} is still there: the update has not removed it"
done
if [ -e "$home/data" ] && [ ! -L "$home/data" ]; then fail "$home/data is a directory again: see what wrote there, then move it away"; fi

# The links to sockets of the former name lead nowhere now.
find "$new_state/releases" -maxdepth 1 -type l -lname "$state/*" -delete
if [ -L "$new_state/previous.sock" ] && [ ! -e "$(readlink -m "$new_state/previous.sock")" ]; then rm "$new_state/previous.sock"; fi
rm -rf "$home/data" "$home/identity" "$home/certs" "$home"/{config,backups,logs,scratch}
if [ -d "$home" ]; then rmdir --ignore-fail-on-non-empty "$home"; fi
if getent passwd "$app-deploy" >/dev/null; then userdel "$app-deploy"; fi
# The mark is the last thing, so that an interrupted end is repeated.
find "$state" -mindepth 1 -maxdepth 1 ! -name renamed-to -exec rm -rf {} +
rm -rf "$state"
