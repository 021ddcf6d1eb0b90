#!/usr/bin/env bash
# Restores a verified backup.   restore.sh drill ID | restore.sh to ID DIR | restore.sh in-place ID
# It is downloaded, compared with its checksum, unpacked beside the data and read in full by the running image before
# anything that runs is touched. Prints one JSON object.
# shellcheck source=host/backup/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=host/backup/find.sh
. "$here/find.sh"
mode=$1 id=$2 target=${3:-}
started=$(date +%s)
stamp=$(date --utc +%Y%m%dT%H%M%SZ)
aside=$data/lancedb.before-$stamp
health_seconds=60

clean() { rm -rf "$staging/restore" "$scratch"; }

fetch() {
  local object checksum
  object=$(jq --raw-output .location <<<"$backup" | cut -d / -f 2-)
  checksum=$(jq --raw-output .checksum <<<"$backup")
  clean
  remote 3600 copyto "$bucket/$object" "$staging/restore"
  [ "$(sha256sum <"$staging/restore" | cut -d ' ' -f 1)" = "$checksum" ] || fail "$object is not what was backed up: its sha256 differs. Restore another one (ops status lists them)"
  mkdir "$scratch"
  tar --extract --directory "$scratch" --zstd --numeric-owner --same-owner --preserve-permissions --file "$staging/restore" ||
    fail "$object does not unpack"
  rm "$staging/restore"
}

serving() { echo "$app-$(basename "$(readlink "$state/current.sock")" .sock)"; }

healthy() { # through the socket that nginx uses; the app may take a while
  local deadline=$(($(date +%s) + health_seconds))
  until [ "$(curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' --unix-socket "$state/current.sock" \
    --header "Host: ${SITE:?}" http://localhost/api/health)" = 200 ]; do
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 0.5
  done
}

put_back() { # what was there before serves again
  if [ -d "$aside" ]; then
    docker stop "$(serving)" >/dev/null
    if [ -d "$database" ]; then rm -rf "${database:?}"; fi
    mv "$aside" "$database"
  fi
  docker start "$(serving)" >/dev/null
}

swap() {
  [ "$(stat --format %d "$database")" = "$(stat --format %d "$data")" ] ||
    fail "$database is a mount of its own, and cannot be swapped by a rename: restore --to a folder and copy it there with the app stopped"
  trap 'put_back' ERR
  docker stop "$(serving)" >/dev/null
  mv "$database" "$aside"
  mv "$scratch" "$database"
  docker start "$(serving)" >/dev/null
  healthy
  trap - ERR
}

in_place() {
  local saved=true
  "$here/backup.sh" daily >&2 || saved=false
  lock "$app-rollout.lock" "a rollout"
  lock "$app-backup.lock" "another backup or restore"
  printf 'restore of %s\n' "$app" >"$root/run/lock/$app-rollout.lock.holder"
  set -E
  swap || fail "the app is not healthy on the restored data: what was there before serves again"
  if [ "$saved" = true ]; then rm -rf "$aside"; else kept=$aside; fi
}

mkdir -p "$staging"
scratch=$(beside .restore)
trap clean EXIT
kept=''
if [ "$mode" = to ] && [ -e "$target" ]; then fail "$target exists: name a folder that does not"; fi
backup=$(find_backup "$id")
fetch
tables=$(scan "$scratch") || fail "the backup does not read with the running image's LanceDB: nothing was touched"
case $mode in
  drill) ;;
  to) mkdir -p "$(dirname "$target")" && mv "$scratch" "$target" ;;
  in-place) in_place ;;
  *) fail "restore.sh drill|to|in-place" ;;
esac
jq --null-input --argjson backup "$backup" --argjson tables "$tables" --arg kept "$kept" --argjson seconds "$(($(date +%s) - started))" \
  '{backup: $backup, tables: $tables, seconds: $seconds} + (if $kept == "" then {} else {setAside: $kept} end)'
