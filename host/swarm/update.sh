#!/usr/bin/env bash
# Gives a node of the Swarm its role and the label of its group, and takes tasks again on it. It keeps the labels of earlier
# groups: Swarm ends a task whose server loses its label. It waits until a manager takes part: before that, the managers may lack
# a majority, and the next server cannot join.   swarm-update.sh NODE_ID ROLE GROUP
set -euo pipefail
update() { docker node update --role "$2" --availability active --label-add "$3=yes" "$1" >/dev/null; }
takes_part() { [ "$(docker node inspect --format '{{ with .ManagerStatus }}{{ .Reachability }}{{ end }}' "$1")" = reachable ]; }

# The state of the Swarm changes all the time, and an update of an older state is refused.
update_again() {
  for _ in {1..20}; do
    if update "$@" 2>/dev/null; then return; fi
    sleep 0.5
  done
  update "$@"
}

update_again "$@"
if [ "$2" = worker ]; then exit 0; fi
for _ in {1..80}; do
  if takes_part "$1" 2>/dev/null; then exit 0; fi
  sleep 0.5
done
echo "node $1 is a manager, and the others do not reach it after 40 s" >&2
exit 1
