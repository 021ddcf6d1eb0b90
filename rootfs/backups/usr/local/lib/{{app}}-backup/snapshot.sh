#!/usr/bin/env bash
# Copies a directory while the app writes to it. Runs as the app's user (as_app in data.sh).
#   bash -s -- link|copy|exact FROM TO <snapshot.sh      FROM without a link in its path; TO does not exist
# `link` makes hard links. `exact` copies again, a few times, if a file changed meanwhile.
# Files that disappear during the copy are left out. Fails if something else could not be copied, or is no file and no directory.
set -euo pipefail
shopt -s inherit_errexit nullglob
umask 077
how=$1 from=$2 to=$3
hard_links=()
if [ "$how" = link ]; then hard_links=(--link); fi
exact_attempts=3
# An app that compacts all the time leaves some milliseconds between two changes of a table.
table_attempts=100

refusal='is a link or a special file, and a backup holds only files and directories: remove it'

fail() { printf '%s\n' "$1" >&2 && exit 1; }

copy_files() { # DIRECTORY: copies its files. The app may replace the path with a link, so work inside the directory.
  local into=$to${1#"$from"}
  [ -d "$into" ] || mkdir -p "$into"
  cd "$1" || return 0
  [ "$(readlink /proc/self/cwd)" = "$1" ] || return 0
  find -P . -mindepth 1 -maxdepth 1 \( -type d -o -type f -exec cp --archive "${hard_links[@]}" --target-directory "$into" {} + \
    -o -fprintf /dev/stderr "$1/%f $refusal\n" \) || true
}

copy_each() { # reads the paths of directories, each with a NUL at its end, and copies their files
  local directory
  while IFS= read -r -d '' directory; do
    (copy_files "$directory")
  done
}

is_whole() { # TABLE: its newest manifest in the copy still exists, so no cleanup removed a file that it names
  local file newest=''
  for file in "$to${1#"$from"}"/_versions/*.manifest; do
    if [ -z "$newest" ] || [ "$file" -nt "$newest" ]; then newest=$file; fi
  done
  [ -e "$1/_versions/${newest##*/}" ]
}

# The copy of a table races against the app, so it is short: each table by itself, and few processes after the manifests,
# which come first so that every file they name still exists or is copied after them.
copy_table() { # DIRECTORY
  local into=$to${1#"$from"}
  for _ in $(seq "$table_attempts"); do
    rm -rf "$into"
    (cd "$1" && find . -type d -print0 | (mkdir -p "$into" && cd "$into" && xargs -0 mkdir -p)) || true
    (copy_files "$1/_versions")
    copy_each < <(find -P "$1" -type d ! -name _versions -print0)
    if is_whole "$1"; then return; fi
  done
}

copy_tables() {
  local versions
  while IFS= read -r -d '' versions; do copy_table "${versions%/_versions}"; done < <(find -P "$from" -type d -name _versions -print0)
}

copy_rest() { # everything that is no table
  copy_each < <(find -P "$from" -path "$from/lost+found" -prune -o -type d -exec test -d {}/_versions \; -prune -o -type d -print0)
}

files_in() { (cd "$1" && find . -path ./lost+found -prune -o -type f -printf '%P %s %T@\n' | sort); } # DIRECTORY

same_files() { [ "$(files_in "$from" | sha256sum)" = "$(files_in "$to" | sha256sum)" ]; } # none was lost or changed during the copy

copy_exactly() {
  for _ in $(seq "$exact_attempts"); do
    rm -rf "$to"
    copy_each < <(find -P "$from" -path "$from/lost+found" -prune -o -type d -print0)
    if same_files; then return; fi
  done
}

copy_all() {
  if [ "$how" = exact ]; then
    copy_exactly
  else
    copy_tables
    copy_rest
  fi
}

check_copy() { # nobody else can change the copy, so this check is final
  local odd
  odd=$(find "$to" ! -type f ! -type d -printf '%P\n' -quit)
  [ -z "$odd" ] || fail "$from/$odd $refusal"
}

[ ! -L "$from" ] || fail "$from is a link: it must be a directory"
mkdir -p "$to"
problems=$(copy_all 2>&1 | grep --invert-match ': No such file or directory$' | head --lines=20) || true
if [ -n "$problems" ]; then fail "$problems"; fi
check_copy
