#!/usr/bin/env bash
# Undoes a change of the data (app.sh) that was interrupted by a kill or a power cut. Deletes nothing.
# A path unit starts it when a change begins, and at boot. The lock makes it wait until a running change ends.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=data.sh
. "$here/data.sh"
# shellcheck source=app.sh
. "$here/app.sh"
lock rollout "recovery of $app"
[ -e "$marker" ] || exit 0
use_data
now=$(date --utc +%Y%m%dT%H%M%SZ)
undo_change "$now"
printf 'a change of the data was interrupted: the app runs on the data from before again\n'
for name in "${directories[@]}"; do
  changed=$data/$name.changed-$now
  if as_app test -d "$changed"; then printf 'the data of the interrupted change is at %s: remove it when you do not need it\n' "$changed"; fi
done
