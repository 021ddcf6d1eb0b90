#!/usr/bin/env bash
# Writes the record of one deployment, from standard input, atomically.   rollout-record.sh APP ID
set -euo pipefail
folder=/var/lib/$1/deployments
mkdir -p "$folder"
cat >"$folder/.$2.next"
sync "$folder/.$2.next"
mv -T "$folder/.$2.next" "$folder/$2.json"
