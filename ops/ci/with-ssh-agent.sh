#!/usr/bin/env bash
# Runs a command with the key of DEPLOY_SSH_KEY in an ssh agent of its own, which ends with it. Without that variable the
# agent that is there is used. The key goes in by standard input, and the command does not get it.
set -euo pipefail
if [ -n "${DEPLOY_SSH_KEY:-}" ]; then
  eval "$(ssh-agent -s)" >/dev/null
  trap 'kill "$SSH_AGENT_PID"' EXIT
  printf '%s\n' "$DEPLOY_SSH_KEY" | ssh-add -q -
fi
unset DEPLOY_SSH_KEY
"$@"
