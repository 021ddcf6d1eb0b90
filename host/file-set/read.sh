#!/usr/bin/env bash
# Prints the state of a set's paths and units. Changes nothing.
#   file-set-read.sh SET      stdin: "path<TAB>PATH", "unit<TAB>NAME" and "in-force<TAB>NUMBER<TAB>COMMAND" lines
# out: KIND<TAB>PATH<TAB>MODE<TAB>USER:GROUP<TAB>UID:GID<TAB>REST   REST = base64, sha256 of a large file, link target
#      unit<TAB>NAME<TAB>ENABLED<TAB>ACTIVE
#      not-in-force<TAB>NUMBER      the command failed
set -euo pipefail
large=1048576

tell() { # KIND PATH REST
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$(stat -c $'%a\t%U:%G\t%u:%g' "$2")" "$3"
}

tell_path() {
  if [ -L "$1" ]; then
    tell link "$1" "$(readlink "$1")"
  elif [ -d "$1" ]; then
    tell directory "$1" ''
  elif [ -f "$1" ] && [ "$(stat -c %s "$1")" -gt "$large" ]; then
    tell large-file "$1" "$(sha256sum <"$1" | cut -d ' ' -f 1)"
  elif [ -f "$1" ]; then
    tell file "$1" "$(base64 -w 0 "$1")"
  elif [ -e "$1" ]; then
    tell other "$1" ''
  else
    printf 'absent\t%s\n' "$1"
  fi
}

answer() { if systemctl "$1" --quiet "$2" 2>/dev/null; then echo true; else echo false; fi; }

while IFS=$'\t' read -r kind name line; do
  case $kind in
    path) tell_path "$name" ;;
    unit) printf 'unit\t%s\t%s\t%s\n' "$name" "$(answer is-enabled "$name")" "$(answer is-active "$name")" ;;
    in-force) bash -c "$line" </dev/null >/dev/null 2>&1 || printf 'not-in-force\t%s\n' "$name" ;;
  esac
done
