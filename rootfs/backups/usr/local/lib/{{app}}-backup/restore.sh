#!/usr/bin/env bash
# Restores a verified backup.   restore.sh drill ID | restore.sh to ID DIRECTORY | restore.sh in-place ID
# The backup is downloaded, compared with its checksum, unpacked into a scratch directory and read in full by the running
# image, before anything else is changed. Prints one JSON object.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=data.sh
. "$here/data.sh"
# shellcheck source=find.sh
. "$here/find.sh"
# shellcheck source=app.sh
. "$here/app.sh"
mode=$1 id=$2 target=${3:-}
started=$(date +%s)
health_seconds=${RESTORE_HEALTH_SECONDS:-60}

clean() {
  rm -f "$staging/restore"
  remove_directory "$scratch/restore"
  # Only a restore in place onto another file system leaves it.
  if [ -n "$app_uid" ]; then as_app rm -rf "$data/.restored"; fi
}

check_parents() { # PATH: only root can change which directory it names
  local path=$1
  [[ $path = /* ]] || fail "$path is not an absolute path: start it with /"
  until [ "$path" = / ]; do
    path=$(dirname "$path")
    [ -d "$path" ] || fail "$path does not exist: create it first"
    # In a sticky directory, such as /tmp, nobody can replace a directory of root.
    if [ -L "$path" ] || [ "$(stat --format %u "$path")" != 0 ] || [ -n "$(find "$path" -maxdepth 0 -perm /022 ! -perm /1000)" ]; then
      fail "users other than root can change $path: name a directory that only root can change, such as /srv/NAME"
    fi
  done
}

check_target() { # before the download
  case $mode in
    drill) ;;
    to)
      [ ! -e "$target" ] || fail "$target exists: name a directory that does not exist"
      check_parents "$target"
      ;;
    in-place)
      [ ! -e "$marker" ] || fail "an earlier change of the data was interrupted, and the server undoes it now: restore again in a minute"
      same_mount "$data" "$database" ||
        fail "$database is a mount of its own, and a rename cannot replace it: restore --to a directory and copy it there while the app is stopped"
      ;;
    *) fail "restore.sh drill|to|in-place" ;;
  esac
}

check_archive() { # it holds only files and directories, below its top directory; as_app, because it holds the app's data
  # shellcheck disable=SC2016 # awk's variables
  as_app tar --list --verbose --numeric-owner --quoting-style=escape --absolute-names --zstd --file - <"$staging/restore" | awk '
    function outside(path) { return path ~ /^\// || path ~ /(^|\/)\.\.(\/|$)/ }
    {
      type = substr($1, 1, 1); name = $0; target = ""
      for (field = 0; field < 5; field++) sub(/^[^ ]+ +/, "", name)
      # Older backups hold some files as hard links to another file of the same archive.
      if (type == "h" && (at = index(name, " link to "))) { target = substr(name, at + 9); name = substr(name, 1, at - 1) }
      if (type !~ /^[-dh]$/ || outside(name) || (type == "h" && !(target in files))) { print > "/dev/stderr"; exit 1 }
      files[name]
    }'
}

fetch() {
  local object checksum
  object=$(jq --raw-output .location <<<"$backup" | cut -d / -f 2-)
  checksum=$(jq --raw-output .checksum <<<"$backup")
  clean
  # For the archive and its content. The app stops if its disk is full.
  check_room $((2 * $(jq .sizeBytes <<<"$backup")))
  remote 3600 copyto "$bucket/$object" "$staging/restore"
  [ "$(sha256sum <"$staging/restore" | cut -d ' ' -f 1)" = "$checksum" ] || fail "$object differs from its backup: its sha256 is wrong. Restore another backup (ops status lists them)"
  check_archive || fail "$object is damaged, or holds a link, a special file or a path outside its directory, see above: nothing was unpacked. Restore another backup"
  make_directory "$scratch/restore"
  as_app mkdir "$scratch/restore/lancedb"
  as_app tar --extract --directory "$scratch/restore/lancedb" --zstd --no-same-owner --no-same-permissions --file - <"$staging/restore" ||
    fail "$object cannot be unpacked, see above"
  as_app chmod 0750 "$scratch/restore/lancedb"
  rm "$staging/restore"
}

healthy() { # asks through the socket that nginx uses; the app may need some time to start
  local deadline=$(($(date +%s) + health_seconds))
  until [ "$(curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' --unix-socket "$state/current.sock" \
    --header "Host: ${SITE:?}" http://localhost/api/health)" = 200 ]; do
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 0.5
  done
}

put_to() { # the app's user fills a new directory, which gets its name last
  remove_directory "$target.unfinished"
  mkdir --mode=0750 "$target.unfinished"
  # By its descriptor, because this user may have no access to the directories above it. Root opens it before the chown:
  # without CAP_DAC_OVERRIDE it cannot open a directory of another user.
  exec 9<"$target.unfinished"
  chown --no-dereference "$app_uid:$app_gid" "$target.unfinished"
  as_app find "$scratch/restore/lancedb" -mindepth 1 -maxdepth 1 -exec mv --target-directory /proc/self/fd/9 {} +
  exec 9<&-
  mv -T "$target.unfinished" "$target"
}

put_in_place() {
  local saved=true restored=$scratch/restore/lancedb
  UNDER_LOCK=yes "$here/backup.sh" daily >&2 || saved=false
  # A copy to another file system takes time: the app runs meanwhile.
  if ! same_mount "$data" "$scratch"; then
    as_app cp --archive "$restored" "$data/.restored"
    restored=$data/.restored
  fi
  lock rollout "restore of $app"
  stop_app "$aside"
  if has_database; then as_app mv -T "$database" "$aside"; fi
  as_app mv -T "$restored" "$database"
  start_app
  if ! healthy; then
    undo_change "$restored"
    fail "the app is not healthy on the restored data: it runs on the data from before again"
  fi
  keep_change
  if [ "$saved" = true ]; then as_app rm -rf "$aside"; fi
}

lock backup "a restore ($mode)"
use_data
aside=$data/lancedb.before-$(date --utc +%Y%m%dT%H%M%SZ)
check_target
trap clean EXIT
backup=$(find_backup "$id")
fetch
tables=$(scan restore) || fail "the running image's LanceDB cannot read the backup: nothing was changed"
case $mode in
  drill) ;;
  to) put_to ;;
  in-place) put_in_place ;;
esac
if as_app test -e "$aside"; then kept=$aside; fi
jq --null-input --argjson backup "$backup" --argjson tables "$tables" --arg kept "${kept:-}" --argjson seconds "$(($(date +%s) - started))" \
  '{backup: $backup, tables: $tables, seconds: $seconds} + (if $kept == "" then {} else {setAside: $kept} end)'
