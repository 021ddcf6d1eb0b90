#!/usr/bin/env bash
# Copies a directory while the app writes to it. Runs as the app's user (as_app in data.sh).
#   bash -s -- link|copy|exact FROM TO <snapshot.sh      FROM without a link in its path; TO does not exist
# `link` makes hard links. `exact` copies again, a few times, if a file changed meanwhile.
# Files that disappear during the copy are left out. Fails if something else could not be copied, or is no file and no directory.
set -euo pipefail
shopt -s inherit_errexit
umask 077
how=$1 from=$2 to=$3
attempts=20
hard_links=()
case $how in link) hard_links=(--link) ;; exact) attempts=3 ;; esac

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

each_directory() { # CONDITION...: copies the files of each directory that fulfils it
  local directory
  while IFS= read -r -d '' directory; do
    (copy_files "$directory")
  done < <(find -P "$from" -path "$from/lost+found" -prune -o -type d "$@" -print0)
}

copy_all() { # manifests first, so that every file they name still exists or is copied after them
  each_directory -name _versions
  each_directory ! -name _versions
}

files_in() { (cd "$1" && find . -path ./lost+found -prune -o -type f -printf '%P %s %T@\n' | sort); } # DIRECTORY

settled() { # no file was lost or changed during the copy
  if [ "$how" = exact ]; then [ "$(files_in "$from" | sha256sum)" = "$(files_in "$to" | sha256sum)" ]; else has_newest_manifests; fi
}

has_newest_manifests() { # the newest manifest of each table still exists: no cleanup removed its files during the copy
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
  problems=$(copy_all 2>&1 | grep --invert-match ': No such file or directory$' | head --lines=20) || true
  if [ -n "$problems" ]; then fail "$problems"; fi
  if settled; then break; fi
done
check_copy
