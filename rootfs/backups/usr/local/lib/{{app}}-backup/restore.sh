#!/usr/bin/env bash
# Restores a verified backup.   restore.sh drill ID | restore.sh to ID DIR | restore.sh in-place ID
# It is downloaded, compared with its checksum, unpacked beside the data and read in full by the running image before
# anything that runs is touched. Prints one JSON object.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=find.sh
. "$here/find.sh"
# shellcheck source=app.sh
. "$here/app.sh"
mode=$1 id=$2 target=${3:-}
started=$(date +%s)
aside=$data/lancedb.before-$(date --utc +%Y%m%dT%H%M%SZ)
health_seconds=${RESTORE_HEALTH_SECONDS:-60}

clean() { rm -rf "$staging/restore" "$scratch"; }

check_target() { # before anything is downloaded
  case $mode in
    drill) ;;
    to) [ ! -e "$target" ] || fail "$target exists: name a folder that does not" ;;
    in-place)
      [ ! -e "$mark" ] || fail "an earlier change of the data was broken off and is being undone: restore again in a minute"
      [ "$scratch" = "$data/.restore" ] ||
        fail "$database is a mount of its own, and cannot be swapped by a rename: restore --to a folder and copy it there with the app stopped"
      ;;
    *) fail "restore.sh drill|to|in-place" ;;
  esac
}

fetch() {
  local object checksum
  object=$(jq --raw-output .location <<<"$backup" | cut -d / -f 2-)
  checksum=$(jq --raw-output .checksum <<<"$backup")
  clean
  # The archive and what is in it, at least; a disk that fills up would stop the app that runs on it.
  check_room $((2 * $(jq .sizeBytes <<<"$backup")))
  remote 3600 copyto "$bucket/$object" "$staging/restore"
  [ "$(sha256sum <"$staging/restore" | cut -d ' ' -f 1)" = "$checksum" ] || fail "$object is not what was backed up: its sha256 differs. Restore another one (ops status lists them)"
  mkdir "$scratch"
  tar --extract --directory "$scratch" --zstd --numeric-owner --same-owner --preserve-permissions --file "$staging/restore" ||
    fail "$object does not unpack"
  rm "$staging/restore"
}

healthy() { # through the socket that nginx uses; the app may take a while
  local deadline=$(($(date +%s) + health_seconds))
  until [ "$(curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' --unix-socket "$state/current.sock" \
    --header "Host: ${SITE:?}" http://localhost/api/health)" = 200 ]; do
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 0.5
  done
}

put_to() { # on another file system it is copied: then it gets its name last
  mkdir -p "$(dirname "$target")"
  rm -rf "$target.unfinished"
  mv -T "$scratch" "$target.unfinished"
  mv -T "$target.unfinished" "$target"
}

put_in_place() {
  local saved=true
  UNDER_LOCK=yes "$here/backup.sh" daily >&2 || saved=false
  lock rollout "restore of $app"
  stop_app "$aside"
  if [ -d "$database" ]; then mv -T "$database" "$aside"; fi
  mv -T "$scratch" "$database"
  start_app
  if ! healthy; then
    undo_change "$scratch"
    fail "the app is not healthy on the restored data: what was there before serves again"
  fi
  keep_change
  if [ "$saved" = true ]; then mv -T "$aside" "$scratch"; fi # which goes at the end
}

lock backup "a restore ($mode)"
scratch=$(beside .restore)
check_target
trap clean EXIT
backup=$(find_backup "$id")
fetch
tables=$(scan "$scratch") || fail "the backup does not read with the running image's LanceDB: nothing was touched"
case $mode in
  drill) ;;
  to) put_to ;;
  in-place) put_in_place ;;
esac
if [ -e "$aside" ]; then kept=$aside; fi
jq --null-input --argjson backup "$backup" --argjson tables "$tables" --arg kept "${kept:-}" --argjson seconds "$(($(date +%s) - started))" \
  '{backup: $backup, tables: $tables, seconds: $seconds} + (if $kept == "" then {} else {setAside: $kept} end)'
