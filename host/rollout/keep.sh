#!/usr/bin/env bash
# Keeps files of a release's image for the pages that browsers have loaded from it: nginx answers with them when the release
# that serves has no such file. Prints their number and size. Links, devices and files with special bits are left out. It
# fails, and keeps no file of the release, when a folder is missing or they have more than MEGABYTES. Safe to repeat.
# With `task`, the container is a task of the release on this server of a cluster.
#   rollout-keep.sh APP RELEASE MEGABYTES container|task PATH FOLDER [PATH FOLDER ...]
set -euo pipefail
app=$1 release=$2 megabytes=$3 kind=$4
shift 4
assets=/var/lib/$app/assets
kept=$assets/releases/$release new=$assets/.new
left=$((megabytes * 1000000))
container=$app-$release
if [ "$kind" = task ]; then
  found=$(docker ps --all --quiet --filter "label=app=$app" --filter "label=release=$release" | sed -n 1p)
  container=${found:-$container}
fi

fail() { printf '%s\n' "$1" >&2 && exit 1; }

copy() { # PATH FOLDER: the content of a folder of the container, as Docker reads it
  local code=0 size
  docker cp "$container:$2/." - 2>"$new/words" | head --bytes $((left + 1)) >"$new/archive" || code=$?
  size=$(stat --format %s "$new/archive")
  if [ "$size" -gt "$left" ]; then fail "they have more than $megabytes MB"; fi
  if [ "$code" != 0 ]; then fail "Docker cannot read $2 of the image: $(cat "$new/words")"; fi
  left=$((left - size))
  mkdir -p "$new/files$1"
  tar --extract --file "$new/archive" --directory "$new/files$1" --no-same-owner --same-permissions
}

umask 022
rm -rf "$new"
mkdir -p "$assets/releases" "$assets/served"
# Only root enters it before the unwanted files are gone.
mkdir -m 0700 "$new"
trap 'rm -rf "$new"' EXIT
mkdir "$new/files"
while [ $# -gt 0 ]; do
  copy "$1" "$2"
  shift 2
done
find "$new/files" \( ! -type d ! -type f \) -delete
find "$new/files" -type f -perm /7000 -delete
find "$new/files" -type d -exec chmod 00755 {} +
find "$new/files" -type f -exec chmod 0644 {} +
rm -rf "$kept"
mv -T "$new/files" "$kept"
# nginx reads one tree with the files of all releases.
cp --recursive --link --force "$kept/." "$assets/served/"
find "$kept" -type f -printf '%s\n' | awk '{ bytes += $1 } END { printf "%d %s, %.1f MB\n", NR, NR == 1 ? "file" : "files", bytes / 1000000 }'
