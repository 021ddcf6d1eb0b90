#!/usr/bin/env bash
# Copies a verified backup to permanent/, where nothing deletes it, and verifies the copy.   keep.sh ID
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=find.sh
. "$here/find.sh"
lock backup "a copy to permanent/"
found=$(find_backup "$1")
object=$(jq --raw-output .location <<<"$found" | cut -d / -f 2-)
name=$(basename "$object" .tar.zst)
[ "${object%%/*}" = daily ] || fail "$1 is permanent already"
remote "$transfer_seconds" copyto "$bucket/$object" "$bucket/permanent/$name.tar.zst"
verify "permanent/$name.tar.zst" "$(jq --raw-output .checksum <<<"$found")"
kept=$(jq --compact-output --arg location "$B2_BUCKET/permanent/$name.tar.zst" '.location = $location | .retentionDays = 0' <<<"$found")
remote 120 rcat "$bucket/permanent/$name.json" <<<"$kept"
printf '%s\n' "$kept"
