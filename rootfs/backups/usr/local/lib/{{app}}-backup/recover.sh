#!/usr/bin/env bash
# Undoes a change of the data (app.sh) that was broken off by a kill or a power cut. Nothing is deleted.
# A path unit starts it when a change begins, and at boot; the lock has it wait for whoever is making that change.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=app.sh
. "$here/app.sh"
lock rollout "recovery of $app"
[ -e "$mark" ] || exit 0
changed=$data/lancedb.changed-$(date --utc +%Y%m%dT%H%M%SZ)
undo_change "$changed"
printf 'a change of the data was broken off: what was there before serves again\n'
if [ -d "$changed" ]; then printf 'what had taken its place is at %s: remove it when you are sure\n' "$changed"; fi
