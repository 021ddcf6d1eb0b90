#!/usr/bin/env bash
# Whether systemd would take these unit files, those that are there. By itself it leaves out what it does not understand, and
# says so only in its journal. A program that is missing is no mistake: it may come with the same files.
#   validate.sh UNIT_FILE ...
set -euo pipefail
units=()
for file in "$@"; do
  if [ -e "/etc/systemd/system/$file" ]; then units+=("${file/@./@any.}"); fi
done
if [ "${#units[@]}" = 0 ]; then exit 0; fi
ours() { grep --fixed-strings --file=<(printf '%s\n' "$@") || true; }
mistakes=$({ systemd-analyze verify "${units[@]}" 2>&1 || true; } | ours "$@" "${units[@]}" | sed "/is not executable/d")
if [ -n "$mistakes" ]; then
  printf '%s\n' "$mistakes" >&2
  exit 1
fi
