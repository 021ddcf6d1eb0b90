#!/usr/bin/env bash
# Copies a directory of LanceDB while the app writes to it. Runs as the app's user (as_app in data.sh).
#   bash -s -- link|copy FROM TO <snapshot.sh      FROM without a link in its path; TO does not exist
# Prints what disappeared during the copy. Fails if something else could not be copied, or is no file and no directory.
set -euo pipefail
shopt -s inherit_errexit
umask 077
how=$1 from=$2 to=$3
attempts=20
hard_links=()
if [ "$how" = link ]; then hard_links=(--link); fi

refusal='is a link or a special file, and a backup holds only files and directories: remove it'

fail() { printf '%s\n' "$1" >&2 && exit 1; }

copy_files() { # DIRECTORY: copies its files. The app may replace the path with a link, so work inside the directory.
  local into=$to${1#"$from"}
  mkdir -p "$into"
  cd "$1" || return 0
  [ "$(readlink /proc/self/cwd)" = "$1" ] || return 0
  find -P . -mindepth 1 -maxdepth 1 \( -type d -o -type f -print0 -o -fprintf /dev/stderr "$1/%f $refusal\n" \) |
    xargs -0 -r cp --archive "${hard_links[@]}" --target-directory "$into" || true
}

each_directory() { # CONDITION...: copies the files of each directory that fulfils it, except hidden ones at the top
  local directory
  while IFS= read -r -d '' directory; do
    (copy_files "$directory")
  done < <(find -P "$from" \( -path "$from/.*" -o -path "$from/lost+found" \) -prune -o -type d "$@" -print0)
}

copy_all() { # manifests first, so that every file they name still exists or is copied after them
  each_directory -name _versions
  each_directory ! -name _versions
}

settled() { # the newest manifest of each table still exists: no cleanup removed its files during the copy
  local versions newest
  while IFS= read -r -d '' versions; do
    newest=$(find "$versions" -maxdepth 1 -name '*.manifest' -printf '%T@ %f\n' | sort --numeric-sort | tail --lines 1 | cut -d ' ' -f 2)
    [ -e "$from${versions#"$to"}/$newest" ] || return 1
  done < <(find "$to" -type d -name _versions -print0)
}

check_copy() { # nobody else can change the copy, so this check is final
  local odd
  odd=$(find "$to" ! -type f ! -type d -printf '%P\n' -quit)
  [ -z "$odd" ] || fail "$from/$odd $refusal"
}

[ ! -L "$from" ] || fail "$from is a link: it must be a directory"
for _ in $(seq "$attempts"); do
  rm -rf "$to"
  mkdir -p "$to"
  errors=$(copy_all 2>&1) || true
  if grep --invert-match ': No such file or directory$' <<<"$errors" | grep . >&2; then exit 1; fi
  if settled; then break; fi
done
check_copy
printf '%s\n' "$errors" >&2
