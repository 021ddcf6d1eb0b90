#!/usr/bin/env bash
# Gives an app's data, identity, records and active release a second name, while the app serves. A directory that is renamed
# keeps its mounts, and the sockets of both names lead to one release, so no request is lost. It refuses before anything
# changes, and is safe to repeat. finish.sh ends the rename.
#   prepare.sh APP NEW
set -euo pipefail
umask 022
app=$1 new=$2
home=/opt/$app new_home=/opt/$new
state=/var/lib/$app new_state=/var/lib/$new
mark=$state/renamed-to

fail() { printf '%s\n' "$1" >&2 && exit 1; }

lock() { # NAME: until this script ends
  local file=/run/$app/$1.lock descriptor
  exec {descriptor}>>"$file"
  flock --nonblock "$descriptor" ||
    fail "the $1 lock of $app is held by $(cat "$file.holder" 2>/dev/null || echo 'another run'): wait until it ends. Nothing was changed"
}

mounts_below() { findmnt --noheadings --raw --output TARGET | awk -v folder="$1" 'index($0 "/", folder "/") == 1'; } # FOLDER

check() { # before anything changes
  local mounted
  [ -L "$state/current.sock" ] || fail "no release of $app is active on this server, so nothing can be renamed: deploy one first (pulumi up)"
  [ ! -e "$state/unconfirmed" ] || fail "a cutover of $app is not confirmed yet: wait a minute. Nothing was changed"
  [ ! -e "$state/data-change" ] || fail "a change of the data of $app was interrupted, and the server undoes it now: wait a minute. Nothing was changed"
  for path in "$new_home" "$new_state"; do
    [ ! -e "$path" ] || fail "$path exists on this server: choose another name, or move it away. Nothing was changed"
  done
  mounted=$(mounts_below "$home")
  [ -z "$mounted" ] || fail "${mounted//$'\n'/ } is a mount, and a rename stays on one disk: mount it below $new_home instead while the app is stopped. Nothing was changed"
}

bring() { # PATH below the app's folders: a copy under the new name, whole or not at all
  local to=${1/#$home/$new_home}
  to=${to/#$state/$new_state}
  if [ ! -e "$1" ] || [ -e "$to" ]; then return 0; fi
  mkdir -p "$(dirname "$to")"
  rm -rf "$to.copying"
  cp -a "$1" "$to.copying"
  mv -T "$to.copying" "$to"
}

point() { # LINK TARGET
  ln -sfn "$2" "$1.next"
  mv -T "$1.next" "$1"
}

move_data() { # running containers keep their mounts, and the link is for those that start again
  if [ -d "$home/data" ] && [ ! -L "$home/data" ]; then mv -T "$home/data" "$new_home/data"; fi
  if [ -d "$new_home/data" ] && [ ! -e "$home/data" ]; then ln -s "$new_home/data" "$home/data"; fi
}

share_release() { # from now on, the new name's current.sock decides for both sites
  local active
  if [ "$(readlink "$state/current.sock")" = "$new_state/current.sock" ]; then return 0; fi
  active=$(readlink "$state/current.sock")
  mkdir -p "$new_state/releases"
  point "$new_state/$active" "$state/$active"
  point "$new_state/current.sock" "$active"
  point "$state/current.sock" "$new_state/current.sock"
}

install -d -m 0700 "/run/$app"
lock rollout
lock backup
if [ -e "$mark" ]; then
  [ "$(cat "$mark")" = "$new" ] || fail "$app is being renamed to $(cat "$mark") already: end that first: ops rename $(cat "$mark")"
else
  check
  printf '%s\n' "$new" >"$mark.next"
  sync "$mark.next"
  mv -T "$mark.next" "$mark"
fi
mkdir -p "$new_home" "$new_state"
for part in "$home/identity" "$home/logs" "$state/deployments" "$state"/{backups,maintenance,assets}; do bring "$part"; done
move_data
share_release
sync --file-system "$new_home" "$new_state"
