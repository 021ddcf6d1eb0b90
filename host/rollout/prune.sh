#!/usr/bin/env bash
# Removes releases that are neither serving nor the rollback target, with all that belonged to them, and the oldest
# images of the app's repository beyond the newest KEEP. Images of kept releases stay whatever their age.
#   rollout-prune.sh APP REPOSITORY KEEP [RELEASE ...]
set -euo pipefail
app=$1 repository=$2 keep=$3
shift 3
for release in "$@"; do
  docker rm --force "$app-$release" >/dev/null 2>&1 || true
  systemctl disable --no-reload --quiet "$app-release@$release.socket" 2>/dev/null || true
  systemctl stop "$app-release@$release.socket" "$app-release@$release.service" 2>/dev/null || true
  rm -f "/var/lib/$app/releases/$release".{sock,target} "/opt/$app/config/releases/$release.env"
  # The release's environment was a file set of its own: what the plugin remembers of it goes, too.
  rm -rf /var/lib/vps-plugin/sets/*"$app-environment-$release"
done
in_use=$(docker ps --all --quiet --no-trunc | xargs -r docker inspect --format '{{ .Image }}' | sort -u)
docker image ls --no-trunc --quiet "$repository" | awk '!seen[$0]++' | tail -n "+$((keep + 1))" |
  while read -r image; do
    grep -qxF "$image" <<<"$in_use" || docker image rm --force "$image" >/dev/null
  done
