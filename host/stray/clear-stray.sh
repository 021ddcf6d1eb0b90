#!/usr/bin/env bash
# Removes what a killed `pulumi up` left where a new container or network is about to be made: no state knows it. Never
# the serving container, nor a network with containers on it.
#   clear-stray.sh APP container NAME ADDRESS | clear-stray.sh APP network NAME
set -euo pipefail
app=$1 kind=$2 name=$3

stray_container() {
  local address=$1 serving ids id
  serving=$app-$(basename "$(readlink "/var/lib/$app/current.sock" 2>/dev/null || true)" .sock)
  ids=$(docker ps --all --quiet --no-trunc --filter "label=app=$app")
  for id in $ids; do
    read -r found_name found_address < <(docker inspect --format \
      '{{ .Name }} {{ with index .NetworkSettings.Networks "'"$app"'" }}{{ with .IPAMConfig }}{{ .IPv4Address }}{{ end }}{{ end }}' "$id")
    if [ "${found_name#/}" != "$name" ] && [ "$found_address" != "$address" ]; then continue; fi
    if [ "${found_name#/}" = "$serving" ]; then
      echo "the serving container ${found_name#/} has the name or the address $address of the new one" >&2
      exit 1
    fi
    docker rm --force "$id" >/dev/null
  done
}

stray_network() {
  local id
  id=$(docker network ls --quiet --no-trunc --filter "label=app=$app" --filter "name=^$name\$")
  [ -n "$id" ] || return 0
  if [ "$(docker network inspect --format '{{ len .Containers }}' "$id")" != 0 ]; then
    echo "a network $name with containers on it is there already" >&2
    exit 1
  fi
  docker network rm "$id" >/dev/null
}

"stray_$kind" "${4:-}"
