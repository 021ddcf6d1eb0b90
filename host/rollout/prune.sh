#!/usr/bin/env bash
# Removes releases that neither serve nor are the rollback target, with everything that belongs to them. Then removes every
# image of the app's repository that no container uses and whose digest is not one of DIGESTS (separated by blanks).
#   rollout-prune.sh APP REPOSITORY DIGESTS [RELEASE ...]
set -euo pipefail
app=$1 repository=$2 digests=$3
shift 3

environments() { # CONTAINER ...: names of their environment files, without .env
  local folder=/opt/$app/config/releases
  docker inspect --format '{{ with index .Config.Labels "environment-file" }}'"$folder"'/{{ . }}.env{{ println }}{{ end }}{{ range .Mounts }}{{ println .Source }}{{ end }}' "$@" 2>/dev/null |
    sed -n "s|^$folder/\(.*\)\.env$|\1|p" || true
}

for release in "$@"; do
  environment=$(environments "$app-$release")
  docker rm --force "$app-$release" >/dev/null 2>&1 || true
  systemctl disable --no-reload --quiet "$app-release@$release.socket" 2>/dev/null || true
  systemctl stop "$app-release@$release.socket" "$app-release@$release.service" 2>/dev/null || true
  rm -f "/var/lib/$app/releases/$release".{sock,target}
  if [ -z "$environment" ]; then continue; fi
  # shellcheck disable=SC2046  # one word per id
  if environments $(docker ps --all --quiet --filter "label=app=$app") | grep -qxF "$environment"; then continue; fi
  rm -f "/opt/$app/config/releases/$environment.env"
  # The environment file is a file set of its own: what the plugin stores about it goes with it.
  rm -rf /var/lib/vps-plugin/sets/{,*.}"$app-environment-$environment"{,"@$app"}
done

# Kept assets of releases that are gone. nginx reads the tree `served`, with the files of all releases.
assets=/var/lib/$app/assets
if [ -d "$assets/served" ]; then
  # By the release alone: after a rename the containers have the former name until it ends. A container is APP-RELEASE.
  kept=$(docker ps --all --filter label=app --format '{{ .Names }}' | sed 's/.*-//')
  find "$assets/releases" -mindepth 1 -maxdepth 1 -printf '%f\n' | while read -r release; do
    grep -qxF "$release" <<<"$kept" || rm -rf "$assets/releases/$release"
  done
  find "$assets/releases" -mindepth 2 -type f -printf '%P\0' | sed -z 's|^[^/]*/||' | LC_ALL=C sort -zu >"$assets/.wanted"
  find "$assets/served" -type f -printf '%P\0' | LC_ALL=C sort -z | LC_ALL=C comm -z -23 - "$assets/.wanted" |
    (cd "$assets/served" && xargs -0 -r rm -f --)
  rm -rf "$assets"/.{wanted,new}
  find "$assets/served" -mindepth 1 -type d -empty -delete
fi

in_use=$(docker ps --all --quiet --no-trunc | xargs -r docker inspect --format '{{ .Image }}' | sort -u)
docker image ls --no-trunc --digests --format '{{ .Digest }} {{ .ID }}' "$repository" | sort -u |
  while read -r digest id; do
    case " $digests " in *" $digest "*) continue ;; esac
    if grep -qxF "$id" <<<"$in_use"; then continue; fi
    # By its digest: the same image may have another name that is kept.
    if [ "$digest" = '<none>' ]; then docker image rm --force "$id"; else docker image rm "$repository@$digest"; fi >/dev/null
  done
