#!/usr/bin/env bash
# Access to the app's data. Sourced after common.sh.
# The app's user owns its directories and can replace any path below them with a link at any moment. So root never opens a
# path there: as_app runs commands as that user, for whom a link leads to nothing that the app cannot reach by itself.
# Scratch directories lie beside the data, where the container has no path (docs/decisions/0031).
# shellcheck disable=SC2154 # common.sh sets these variables
data=$home/data
scratch=$home/scratch
app_uid='' app_gid='' data_uid=''
# The directories below $data. A file kinds/KIND.sh has two functions, and further ones if doctor.sh examines each part:
#   KIND_copy NAME TO      copies the directory NAME while the app writes to it
#   KIND_read DIRECTORY    reads all of a copy, and prints {name, version, rows, files} of each part as a JSON array.
#                          Returns 1 if the data is bad, and another code if it could not be read for another reason
#   KIND_examine NAME         prints a report for each part
#   KIND_has NAME PART        succeeds if the directory has this part
#   KIND_set_aside NAME PART  renames what cannot be read of the part, and prints the report from before
# It can also set:
#   linked[KIND]=yes          a copy is made of hard links, so it needs no room
#   plain_kind=KIND           an archive of one directory of this kind holds its content, and does not name it
# shellcheck disable=SC2034 # backup.sh and restore.sh read them
declare -A linked=()
# shellcheck disable=SC2034
plain_kind=''
declare -A kind_of=()
directories=()
DATA=${DATA-}
for word in ${DATA//,/ }; do # NAME:KIND,...
  directories+=("${word%%:*}")
  kind_of[${word%%:*}]=${word#*:}
done
for file in "$here"/kinds/*.sh; do
  # shellcheck source=/dev/null
  . "$file"
done

use_data() { # finds the user that owns the data; call it before any other function of this file
  local form name # not `kind`: after a signal in this function backup.sh still reads its own
  [ "${#directories[@]}" -gt 0 ] || fail "no directory is backed up: configure \`data\` and run pulumi up"
  [ -e "$data" ] || fail "$data does not exist: run pulumi up"
  [ "$(stat --format %u "$home")" = 0 ] || fail "$home must belong to root: chown root $home"
  IFS=: read -r app_uid app_gid form < <(stat --format %u:%g:%F "$data")
  [ "$form" = directory ] || fail "$data is a $form: it must be a directory. Mount a volume there instead of a link"
  data_uid=$app_uid
  if [ "$data_uid" = 0 ]; then # then the directories below it belong to the app, and the container has no path to $data
    for name in "${directories[@]}"; do
      if [ "$app_uid" = 0 ] && [ -d "$data/$name" ] && [ ! -L "$data/$name" ]; then IFS=: read -r app_uid app_gid < <(stat --format %u:%g "$data/$name"); fi
    done
  fi
  [ "$app_uid" != 0 ] || fail "$data belongs to root: it must belong to the user of the app's image (chown)"
  [ -d "$scratch" ] || mkdir --mode=0711 "$scratch"
  data=$(realpath "$data")
}

as_app() { # COMMAND...: runs it as the app's user, without the secrets in this environment
  env --ignore-environment --chdir=/ PATH="$PATH" LC_ALL=C \
    setpriv --reuid="$app_uid" --regid="$app_gid" --clear-groups --no-new-privs "$@"
}

as_owner() { # COMMAND...: runs it as the owner of $data, who renames what is in it
  if [ "$data_uid" = 0 ]; then "$@"; else as_app "$@"; fi
}

exists() { as_app test -e "$1" || as_app test -L "$1"; } # PATH

remove_directory() { # PATH: a directory that make_directory made
  if [ -z "$app_uid" ] || [ ! -d "$1" ]; then return; fi
  # A run that was killed right after its mkdir left a directory of root.
  chown --no-dereference "$app_uid:$app_gid" "$1"
  # Directories alone: a file can be a hard link, whose mode is also the mode of the app's own file.
  as_app find "$1" -type d ! -perm -u=rwx -exec chmod u+rwx {} \;
  as_app find "$1" -mindepth 1 -delete
  rmdir "$1"
}

make_directory() { # PATH: an empty directory of the app's user, in a directory that only root can change
  remove_directory "$1"
  mkdir --mode=0750 "$1"
  chown --no-dereference "$app_uid:$app_gid" "$1"
}

mount_of() { as_app findmnt --noheadings --output TARGET --target "$1"; } # PATH

same_mount() { [ "$(mount_of "$1")" = "$(mount_of "$2")" ]; } # PATH PATH: hard links and renames work between them

bounded() { # FILE COMMAND...: the file gets the end of the command's messages. It is in memory, and the app can cause messages
  local file=$1
  shift
  { "$@" 2>&1 >&3 | tail --bytes=65536 >"$file"; } 3>&1
}

copy_files() { # link|copy|exact FROM TO: runs snapshot.sh
  as_app bash -s -- "$@" <"$here/snapshot.sh" ||
    fail "the data cannot be copied to $3, see above. Each file in it must be a file of the app's user"
}

copy_directory() { # FROM TO: copies a directory of the data to TO in a scratch directory, by hard links if possible
  local how=copy
  if same_mount "$1" "$scratch"; then how="link"; fi
  copy_files "$how" "$@"
}

read_directory() { # NAME DIRECTORY: reads all of a copy of the directory NAME; prints its parts as one JSON array
  "${kind_of[$1]}_read" "$2" | head --bytes=4000000 | jq --compact-output --arg directory "$1" '
    map({directory: $directory, name: (.name | tostring), version, rows, files} | with_entries(select(.value != null)))'
}

read_all() { # DIRECTORY NAME...: reads all copies in a scratch directory; prints their parts as one JSON array
  local name parts code all=()
  for name in "${@:2}"; do
    code=0
    parts=$(read_directory "$name" "$1/$name") || code=$?
    [ "$code" = 0 ] || return "$code"
    all+=("$parts")
  done
  jq --slurp --compact-output add <<<"${all[*]}"
}

running_image() { # of the active release
  local release
  release=$(basename "$(readlink "$state/current.sock" || true)" .sock)
  [ -n "$release" ] || fail "no release is active: deploy one first (pulumi up), because its image reads the data"
  docker inspect --format '{{.Image}}' "$app-$release" || fail "the container $app-$release does not exist: run pulumi up"
}
