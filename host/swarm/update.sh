#!/usr/bin/env bash
# Gives a node of the Swarm its role and the label of its group, and takes tasks again on it. It keeps the labels of earlier
# groups: Swarm ends a task whose server loses its label.   swarm-update.sh NODE_ID ROLE GROUP
set -euo pipefail
update() { docker node update --role "$2" --availability active --label-add "$3=yes" "$1" >/dev/null; }
# The state of the Swarm changes all the time, and an update of an older state is refused.
for _ in {1..20}; do
  if update "$@" 2>/dev/null; then exit 0; fi
  sleep 0.5
done
update "$@"
