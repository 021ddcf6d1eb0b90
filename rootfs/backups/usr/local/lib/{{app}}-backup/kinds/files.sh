#!/usr/bin/env bash
# Plain files. Beside the copy of a directory lies a list with the SHA-256 of each file.
# shellcheck disable=SC2154 # common.sh and data.sh set these variables
files_copy() { # not by hard links: the app may write into a file while it is packed
  copy_files exact "$data/$1" "$2"
  # shellcheck disable=SC2016 # the inner bash expands it
  as_app bash -c 'set -o pipefail; cd "$1" && find . -type f -print0 | sort --zero-terminated | xargs -0 -r sha256sum >"$1.sha256"' - "$2"
}

files_read() {
  # shellcheck disable=SC2016 # the inner bash expands it
  as_app bash -c '
    cd "$1" || exit 1
    listed=$(wc --lines <"$1.sha256") || exit 1
    found=$(find . -type f -printf x | wc --bytes)
    [ "$found" = "$listed" ] || { echo "$1 has $found files, but its list names $listed" >&2; exit 1; }
    [ "$listed" = 0 ] || sha256sum --check --strict --quiet "$1.sha256" || exit 1
    printf "[{\"name\": \"files\", \"files\": %s}]\n" "$found"' - "$1"
}
