#!/usr/bin/env bash
# Starts the way to a release on one server of a cluster: waits for its task, limits its processes, and starts the socket
# that leads to the published port. The target file also says what the release is, for the time when no task of it runs.
# Safe to repeat. A task that ends by itself is no failure here: the gate explains it.
#   swarm-start.sh APP RELEASE PUBLISHED_PORT PIDS_LIMIT IMAGE_TAG DIGEST
set -euo pipefail
app=$1 release=$2 port=$3 pids=$4 tag=$5 digest=$6
deadline=$((SECONDS + 45))
tasks() { docker ps "$@" --quiet --filter "label=app=$app" --filter "label=release=$release"; }

while [ -z "$(tasks --all)" ]; do
  if [ "$SECONDS" -ge "$deadline" ]; then
    echo "Swarm started no task of the release on this server within 45 s" >&2
    exit 1
  fi
  sleep 0.2
done
# The Docker plugin cannot set it. A task that Swarm starts again has no limit until the next update.
for task in $(tasks); do docker update --pids-limit "$pids" "$task" >/dev/null || true; done
mkdir -p "/var/lib/$app/releases"
# A full disk must not leave an empty file.
target=/var/lib/$app/releases/$release.target
printf 'TARGET=127.0.0.1:%s\nIMAGE_TAG=%s\nDIGEST=%s\n' "$port" "$tag" "$digest" >"$target.new"
mv -T "$target.new" "$target"
systemctl enable --no-reload --quiet "$app-release@$release.socket"
# systemd cannot start a socket whose service runs. A socket that is active needs no start.
systemctl is-active --quiet "$app-release@$release.socket" || systemctl start "$app-release@$release.socket"
systemctl start "$app-release@$release.service"
