#!/usr/bin/env bash
# What bash reads before a script (BASH_ENV), so that a test can name each command of the script STEPS_OF by its place in the source:
#   STEPS        a file that gets the place of each command as it runs, in order
#   STEP, FAULT  a place, and the command that runs once, when the script first comes there (MET: a file that remembers it)
at_step() {
  if [ -n "${STEPS:-}" ]; then echo "$1" >>"$STEPS"; fi
  if [ "$1" = "${STEP:-}" ] && [ ! -e "$MET" ]; then
    : >"$MET"
    eval "$FAULT"
  fi
}

if [ "${0##*/}" = "${STEPS_OF:-}" ]; then
  set -o functrace
  trap 'at_step "${BASH_SOURCE[0]##*/}:$LINENO"' DEBUG
fi
