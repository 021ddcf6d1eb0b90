#!/usr/bin/env bash
# Prints what runs of an app, as one JSON object.   rollout-observe.sh APP
set -euo pipefail
app=$1 state=/var/lib/$1

release_of() { basename "$(readlink "$state/$1" 2>/dev/null || true)" .sock; }

containers() {
  local ids
  ids=$(docker ps --all --quiet --no-trunc --filter "label=app=$app")
  # shellcheck disable=SC2086  # one word an id
  [ -z "$ids" ] || docker inspect $ids
}

records() { find "$state/deployments" -name '*.json' 2>/dev/null | sort | tail -n 20 | xargs -r cat; }

sockets() { systemctl list-units --plain --no-legend --state=active "$app-release@*.socket" | awk '{ print $1 }'; }

targets() { grep --with-filename --no-messages . "$state/releases/"*.target; }

jq -n \
  --arg active "$(release_of current.sock)" \
  --arg previous "$(release_of previous.sock)" \
  --arg environment "$(basename "$(readlink "/opt/$app/config/.env.production" 2>/dev/null || true)" .env)" \
  --arg sockets "$(sockets)" \
  --arg targets "$(targets)" \
  --arg unconfirmed "$(cat "$state/unconfirmed" 2>/dev/null || true)" \
  --slurpfile inspected <(containers) \
  --slurpfile records <(records) '
  {
    active: $active, previous: $previous, environment: $environment,
    unconfirmed: (if $unconfirmed == "" then null else ($unconfirmed | split(" ") | { from: .[0], to: .[1] }) end),
    listening: ($sockets | split("\n") | map(select(. != "") | capture("@(?<release>.*)\\.socket$").release)),
    targets: ($targets | split("\n") | map(select(. != "") | capture("/(?<key>[^/]+)\\.target:TARGET=(?<value>.*)$")) | from_entries),
    records: $records,
    containers: [$inspected | flatten | .[] | {
      name: .Name[1:], release: .Config.Labels.release, imageTag: .Config.Labels["image-tag"],
      digest: .Config.Labels.digest, running: .State.Running, image: .Image
    }]
  }'
