#!/usr/bin/env bash
# Prints the releases of an app, as one JSON object. In a cluster a release is a task of Swarm with the label `release`: of
# several tasks a running one counts, else the newest. A release that rests has no container; its target file knows it.
#   rollout-observe.sh APP
set -euo pipefail
app=$1 state=/var/lib/$1

release_of() { basename "$(readlink "$state/$1" 2>/dev/null || true)" .sock; }

ask_docker() { curl --silent --max-time 10 --unix-socket /run/docker.sock "http://docker$1"; }

containers() {
  local ids
  ids=$(docker ps --all --quiet --no-trunc --filter "label=app=$app")
  # shellcheck disable=SC2086  # one word per id
  [ -z "$ids" ] || docker inspect $ids
}

images() { jq -r '.[].Image' | sort -u | while read -r image; do ask_docker "/images/$image/json"; done; }

# One record per line: the file's name and its content, with a tab between. The reader decides which records are bad.
# shellcheck disable=SC2016  # awk expands it
records() {
  local folder=$state/deployments
  [ -d "$folder" ] || return 0
  find "$folder" -maxdepth 1 -name '*.json' -empty -printf '%f\t\n'
  find "$folder" -maxdepth 1 -name '*.json' ! -empty | sort | tail -n 100 |
    xargs --no-run-if-empty awk '
    FNR == 1 { if (NR > 1) print ""; names = split(FILENAME, name, "/"); printf "%s\t", name[names] }
    { printf "%s", $0 }
    END { if (NR) print "" }'
}

sockets() { systemctl list-units --plain --no-legend --state=active "$app-release@*.socket" | awk '{ print $1 }'; }

targets() { grep --with-filename --no-messages . "$state/releases/"*.target; }

inspected=$(containers)
jq -n \
  --arg app "$app" \
  --arg active "$(release_of current.sock)" \
  --arg previous "$(release_of previous.sock)" \
  --arg environment "$(basename "$(readlink "/opt/$app/config/.env.production" 2>/dev/null || true)" .env)" \
  --arg sockets "$(sockets)" \
  --arg targets "$(targets)" \
  --arg unconfirmed "$(cat "$state/unconfirmed" 2>/dev/null || true)" \
  --slurpfile inspected <(printf '%s' "$inspected") \
  --slurpfile images <(printf '%s' "$inspected" | images) \
  --rawfile records <(records) '
  def facts($name): $targets | split("\n") | map(select(. != "") | capture("/(?<key>[^/]+)\\.target:" + $name + "=(?<value>.*)$")) | from_entries;
  # Docker lists the newest container first.
  def distinct: group_by(.release) | map((map(select(.running)) + .)[0]);
  def resting($present): facts("DIGEST") as $digests | facts("IMAGE_TAG") | to_entries | map(select(.key | IN($present[]) | not) | {
    name: ($app + "-" + .key), release: .key, imageTag: .value, digest: $digests[.key], running: false,
    environment: .key, imageCreated: "", imageSize: 0
  });
  ($images | map({ key: .Id, value: . }) | from_entries) as $image
  | {
    active: $active, previous: $previous, environment: $environment,
    unconfirmed: (if $unconfirmed == "" then null else ($unconfirmed | split(" ") | { from: .[0], to: .[1] }) end),
    listening: ($sockets | split("\n") | map(select(. != "") | capture("@(?<release>.*)\\.socket$").release)),
    targets: facts("TARGET"),
    records: $records,
    containers: ([$inspected | flatten | .[] | select(.Name | startswith("/" + $app + "-")) | {
      name: .Name[1:], release: (.Config.Labels.release // (.Name[1:] | ltrimstr($app + "-"))), imageTag: .Config.Labels["image-tag"],
      digest: .Config.Labels.digest, running: .State.Running,
      environment: (.Config.Labels["environment-file"] // ([.Mounts[] | select(.Source | startswith("/opt/" + $app + "/config/releases/"))
        | .Source | split("/")[-1] | rtrimstr(".env")][0])),
      imageCreated: ($image[.Image].Created // ""), imageSize: ($image[.Image].Size // 0)
    }] | distinct | . + resting(map(.release)))
  }'
