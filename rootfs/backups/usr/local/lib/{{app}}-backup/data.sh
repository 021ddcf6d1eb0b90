#!/usr/bin/env bash
# Access to the app's data. Sourced after common.sh.
# The app's user owns $data and can replace any path below it with a link at any moment. So root never opens a path
# there: as_app runs commands as that user, for whom a link leads to nothing that the app cannot reach by itself. Scratch
# directories lie beside the data, where the container has no path (docs/decisions/0031).
# shellcheck disable=SC2154 # common.sh sets these variables
data=$home/data
database=$data/lancedb
scratch=$home/scratch
app_uid='' app_gid=''

use_data() { # finds the user that owns the data; call it before any other function of this file
  local kind
  [ -e "$data" ] || fail "$data does not exist: run pulumi up"
  [ "$(stat --format %u "$home")" = 0 ] || fail "$home must belong to root: chown root $home"
  IFS=: read -r app_uid app_gid kind < <(stat --format %u:%g:%F "$data")
  [ "$kind" = directory ] || fail "$data is a $kind: it must be a directory. Mount a volume there instead of a link"
  [ "$app_uid" != 0 ] || fail "$data belongs to root: it must belong to the user of the app's image (chown)"
  [ -d "$scratch" ] || mkdir --mode=0711 "$scratch"
  database=$(realpath "$data")/lancedb
}

as_app() { # COMMAND...: runs it as the app's user, without the secrets in this environment
  env --ignore-environment --chdir=/ PATH="$PATH" LC_ALL=C \
    setpriv --reuid="$app_uid" --regid="$app_gid" --clear-groups --no-new-privs "$@"
}

has_database() { as_app test -e "$database" || as_app test -L "$database"; }

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

copy_data() { # FROM TO: copies a directory of the data to TO in a scratch directory, by hard links if possible
  local how=copy
  if same_mount "$1" "$scratch"; then how="link"; fi
  as_app bash -s -- "$how" "$1" "$2" <"$here/snapshot.sh" 2>"$messages/snapshot" && return
  cat "$messages/snapshot" >&2
  fail "the data cannot be copied to $2, see above. Each file in it must be a file of the app's user"
}

running_image() { # of the active release
  local release
  release=$(basename "$(readlink "$state/current.sock" || true)" .sock)
  [ -n "$release" ] || fail "no release is active: deploy one first (pulumi up), because its LanceDB reads the data"
  docker inspect --format '{{.Image}}' "$app-$release" || fail "the container $app-$release does not exist: run pulumi up"
}

# The app runs on the same server. A scan took 700 MiB with LanceDB's defaults and 140 MiB with these settings.
scan_limits=(--env LANCE_DEFAULT_BATCH_SIZE=1024 --env LANCE_DEFAULT_FRAGMENT_READAHEAD=1 --env LANCE_DEFAULT_IO_BUFFER_SIZE=8388608
  --env MALLOC_MMAP_THRESHOLD_=131072)

scan() { # NAME: reads every table in lancedb/ of a scratch directory with the running image's LanceDB; prints JSON
  local image
  image=$(running_image) || return 125
  docker rm --force "$app-scan" >/dev/null 2>&1 || true
  timeout --kill-after=10 3600 docker run --rm --interactive --name "$app-scan" --network none --read-only --tmpfs /tmp \
    --user "$app_uid:$app_gid" --cap-drop ALL --security-opt no-new-privileges --pids-limit 512 --memory 2g --memory-swap 2g \
    "${scan_limits[@]}" --mount "type=bind,source=$scratch/$1,target=/snapshot,readonly" --workdir /app --entrypoint node "$image" \
    --expose-gc --input-type=module - /snapshot/lancedb <"$here/scan.mjs"
}
