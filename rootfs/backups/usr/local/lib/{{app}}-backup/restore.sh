#!/usr/bin/env bash
# Restores a verified backup.   restore.sh drill ID | restore.sh to ID DIRECTORY | restore.sh in-place ID
# The backup is downloaded, compared with its checksum, unpacked into a scratch directory and read in full, before anything
# else is changed. Prints one JSON object.
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
names=() # the directories of the backup
health_seconds=${RESTORE_HEALTH_SECONDS:-60}

clean() {
  rm -f "$staging/restore"
  remove_directory "$scratch/restore"
  # A restore in place onto another file system, or into a directory of root, leaves them.
  if [ -n "$app_uid" ]; then
    for name in "${directories[@]}"; do
      if [ "$data_uid" = 0 ]; then remove_directory "$data/.restored-$name"; else as_app rm -rf "$data/.restored-$name"; fi
    done
  fi
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
      for name in "${directories[@]}"; do
        ! exists "$data/$name" || same_mount "$data" "$data/$name" ||
          fail "$data/$name is a mount of its own, and a rename cannot replace it: restore --to a directory and copy it there while the app is stopped"
      done
      ;;
    *) fail "restore.sh drill|to|in-place" ;;
  esac
}

check_archive() { # it holds only files and directories, below its top directory; as_app, because it holds the app's data
  # Prints the bytes of its files.
  # shellcheck disable=SC2016 # awk's variables
  as_app tar --list --verbose --numeric-owner --quoting-style=escape --absolute-names --zstd --file - <"$staging/restore" | awk '
    function outside(path) { return path ~ /^\// || path ~ /(^|\/)\.\.(\/|$)/ }
    {
      type = substr($1, 1, 1); name = $0; target = ""
      for (field = 0; field < 5; field++) sub(/^[^ ]+ +/, "", name)
      # Older backups hold some files as hard links to another file of the same archive.
      if (type == "h" && (at = index(name, " link to "))) { target = substr(name, at + 9); name = substr(name, 1, at - 1) }
      if (type !~ /^[-dh]$/ || outside(name) || (type == "h" && !(target in files))) { print > "/dev/stderr"; exit 1 }
      files[name]; split($0, word, " +"); bytes += word[3]
    }
    END { printf "%.0f\n", bytes }'
}

find_directories() { # the directories that the unpacked backup has
  local list=$restored/data.json name kind
  if ! as_app test -e "$list"; then # one directory of the plain kind, see backup.sh
    for name in "${directories[@]}"; do
      if [ "${kind_of[$name]}" = "$plain_kind" ] && [ "${#names[@]}" = 0 ]; then names=("$name"); fi
    done
    [ "${#names[@]}" = 1 ] || fail "the backup holds a directory of kind $plain_kind, but no directory of \`data\` has this kind"
    as_app mv -T "$restored" "$scratch/restore/plain"
    as_app mkdir "$restored"
    as_app mv -T "$scratch/restore/plain" "$restored/${names[0]}"
    return
  fi
  while IFS=' ' read -r name kind; do
    [ "${kind_of[$name]:-}" = "$kind" ] ||
      fail "the backup holds the directory $name of kind $kind, which \`data\` does not have: configure it, then run pulumi up and restore again"
    names+=("$name")
  done < <(as_app cat "$list" | jq --raw-output '.directories | to_entries[] | "\(.key) \(.value)"')
  [ "${#names[@]}" -gt 0 ] || fail "the backup names no directory"
}

fetch() {
  local object checksum bytes
  object=$(jq --raw-output .location <<<"$backup" | cut -d / -f 2-)
  checksum=$(jq --raw-output .checksum <<<"$backup")
  clean
  # For the archive and its content. The app stops if its disk is full.
  check_room $((2 * $(jq .sizeBytes <<<"$backup")))
  remote 3600 copyto "$bucket/$object" "$staging/restore"
  [ "$(sha256sum <"$staging/restore" | cut -d ' ' -f 1)" = "$checksum" ] || fail "$object differs from its backup: its sha256 is wrong. Restore another backup (ops status lists them)"
  bytes=$(check_archive) || fail "$object is damaged, or holds a link, a special file or a path outside its directory, see above: nothing was unpacked. Restore another backup"
  check_room "$bytes"
  make_directory "$scratch/restore"
  as_app mkdir "$restored"
  as_app tar --extract --directory "$restored" --zstd --no-same-owner --no-same-permissions --file - <"$staging/restore" ||
    fail "$object cannot be unpacked, see above"
  rm "$staging/restore"
  find_directories
  for name in "${names[@]}"; do as_app chmod 0750 "$restored/$name"; done
}

healthy() { # asks through the socket that nginx uses; the app may need some time to start
  local deadline=$(($(date +%s) + health_seconds))
  until [ "$(curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' --unix-socket "$state/current.sock" \
    --header "Host: ${SITE:?}" "http://localhost${HEALTH_PATH:?}")" = 200 ]; do
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
  local from=$restored
  # A backup of one directory: its content, as the archive has it.
  if ! as_app test -e "$restored/data.json"; then from=$restored/${names[0]}; fi
  as_app find "$from" -mindepth 1 -maxdepth 1 -exec mv --target-directory /proc/self/fd/9 {} +
  exec 9<&-
  mv -T "$target.unfinished" "$target"
}

bring_beside() { # NAME: moves a restored directory beside the current one, where a rename is enough
  local beside=$data/.restored-$1
  if [ "$data_uid" = 0 ]; then make_directory "$beside"; else as_app mkdir "$beside"; fi
  as_app find "$restored/$1" -mindepth 1 -maxdepth 1 -exec mv --target-directory "$beside" {} +
}

swap() { # NAME
  local new=$restored/$1
  if is_beside; then new=$data/.restored-$1; fi
  if exists "$data/$1"; then as_owner mv -T "$data/$1" "$data/$1.before-$now"; fi
  as_owner mv -T "$new" "$data/$1"
}

# Root cannot take a directory out of one that belongs to the app, and a rename works within one mount only.
is_beside() { [ "$data_uid" = 0 ] || ! same_mount "$data" "$scratch"; }

put_in_place() {
  local saved=true
  UNDER_LOCK=yes "$here/backup.sh" daily >&2 || saved=false
  # A copy to another file system takes time: the app runs meanwhile.
  if is_beside; then for name in "${names[@]}"; do bring_beside "$name"; done; fi
  lock rollout "restore of $app"
  stop_app "$now"
  for name in "${names[@]}"; do swap "$name"; done
  start_app
  if ! healthy; then
    undo_change "$now"
    for name in "${names[@]}"; do remove_set_aside "$data/$name.changed-$now"; done
    fail "the app is not healthy on the restored data: it runs on the data from before again"
  fi
  keep_change
  for name in "${names[@]}"; do
    if [ "$saved" = true ]; then remove_set_aside "$data/$name.before-$now"; elif exists "$data/$name.before-$now"; then kept+=("$data/$name.before-$now"); fi
  done
}

remove_set_aside() { # PATH
  if ! exists "$1"; then return; fi
  if [ "$data_uid" = 0 ]; then remove_directory "$1"; else as_app rm -rf "$1"; fi
}

lock backup "a restore ($mode)"
use_data
restored=$scratch/restore/content now=$(date --utc +%Y%m%dT%H%M%SZ) kept=()
check_target
trap clean EXIT
backup=$(find_backup "$id")
fetch
tables=$(read_all "$restored" "${names[@]}") || fail "the backup cannot be read, see above: nothing was changed"
case $mode in
  drill) ;;
  to) put_to ;;
  in-place) put_in_place ;;
esac
jq --null-input --argjson backup "$backup" --argjson tables "$tables" --arg kept "${kept[*]}" --argjson seconds "$(($(date +%s) - started))" \
  '{backup: $backup, tables: $tables, seconds: $seconds} + (if $kept == "" then {} else {setAside: $kept} end)'
