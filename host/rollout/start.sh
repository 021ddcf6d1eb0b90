#!/usr/bin/env bash
# Starts a release beside the active one: its container, with an address of its own and a limit of processes, and its
# socket. Safe to repeat. A container that ends by itself is no failure here: the gate explains it.
#   rollout-start.sh APP RELEASE PORT PIDS_LIMIT
set -euo pipefail
app=$1 release=$2 port=$3 pids=$4
container=$app-$release

containers() { # one line each: name, limit of processes, fixed address on the app's network
  # shellcheck disable=SC2046  # one word per id
  docker inspect --format '{{ slice .Name 1 }} {{ .HostConfig.PidsLimit }} {{ with index .NetworkSettings.Networks "'"$app"'" }}{{ with .IPAMConfig }}{{ .IPv4Address }}{{ end }}{{ end }}' \
    $(docker ps --all --quiet --no-trunc --filter "label=app=$app") "$container"
}

next_address() { # the next address of the app's /16, without its network, gateway and broadcast addresses
  local a b c d host
  IFS=. read -r a b c d <<<"$1"
  host=$(((c * 256 + d + 1) % 65535))
  if [ "$host" -lt 2 ]; then host=2; fi
  echo "$a.$b.$((host / 256)).$((host % 256))"
}

found=$(containers)
read -r limit address < <(awk -v name="$container" '$1 == name { print $2, $3 }' <<<"$found")
taken=$(awk -v name="$container" '$1 != name { print $3 }' <<<"$found")

# Two containers of one configuration get one address, such as after `pulumi up --replace`, and Docker refuses to start the
# second one. It has never run, so it can still move.
if grep -qxF "$address" <<<"$taken"; then
  while grep -qxF "$address" <<<"$taken"; do address=$(next_address "$address"); done
  docker network disconnect "$app" "$container"
  docker network connect --ip "$address" "$app" "$container"
fi
# Before the start, so that the limit holds from the first process on. The Docker plugin cannot set it.
if [ "$limit" != "$pids" ]; then docker update --pids-limit "$pids" "$container" >/dev/null; fi
# The socket needs no container, so both start at the same time.
docker start "$container" >/dev/null &
starting=$!
mkdir -p "/var/lib/$app/releases"
# A full disk must not leave an empty file: a rollback reads it.
target=/var/lib/$app/releases/$release.target
printf 'TARGET=%s:%s\n' "$address" "$port" >"$target.new"
mv -T "$target.new" "$target"
# Without a reload of all units, which takes a tenth of a second: the next boot reads the link.
systemctl enable --no-reload --quiet "$app-release@$release.socket"
# systemd cannot start a socket whose service runs. A socket that is active needs no start.
systemctl is-active --quiet "$app-release@$release.socket" || systemctl start "$app-release@$release.socket"
systemctl start "$app-release@$release.service"
wait "$starting"
