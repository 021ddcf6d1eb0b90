#!/usr/bin/env bash
# bash reads this file before a script (BASH_ENV), so that a test can name each command of the script STEPS_OF by its place
# in the source.
#   STEPS        a file that receives the place of each command, in the order of execution
#   STEP, FAULT  a place, and a command that runs once, when the script first reaches it (MET: a file that notes this)
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
