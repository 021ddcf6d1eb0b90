#!/usr/bin/env bash
# Removes the services and secrets of an app from the Swarm, except those of the named releases.
#   swarm-prune.sh APP [RELEASE ...]
set -euo pipefail
app=$1
shift
keeps() { case " ${releases} " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
releases="$*"

docker service ls --filter "label=app=$app" --format '{{.Name}}' | while read -r service; do
  keeps "${service#"$app"-}" || docker service rm "$service" >/dev/null
done
docker secret ls --filter "label=app=$app" --format '{{.Name}}' | while read -r secret; do
  keeps "${secret#"$app"-env-}" || docker secret rm "$secret" >/dev/null
done
