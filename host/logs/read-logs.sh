#!/usr/bin/env bash
# Prints log lines as one JSON object, oldest first, and the place where the next call continues.
#   read-logs.sh SOURCE APP LINES SINCE RELEASE CURSOR     SOURCE: app, nginx, rollout, backup
# SINCE is a time for journalctl, RELEASE a release id, CURSOR what an earlier call printed; each may be empty.
# With a cursor only later lines are printed.
set -euo pipefail
source=$1 app=$2 lines=$3 since=$4 release=$5 cursor=$6

journal() { # JOURNALCTL_ARGUMENT...
  local range=(--lines "$lines")
  if [ -n "$cursor" ]; then range+=(--after-cursor "$cursor"); elif [ -n "$since" ]; then range+=(--since "$since"); fi
  journalctl --quiet --all --output json --output-fields MESSAGE,CONTAINER_NAME,_SYSTEMD_UNIT,UNIT "${range[@]}" "$@" |
    jq --slurp --arg cursor "$cursor" '{
      cursor: (.[-1].__CURSOR // $cursor),
      lines: map({
        at: (.__REALTIME_TIMESTAMP | tonumber / 1e6 | floor | todate), from: (.CONTAINER_NAME // .UNIT // ._SYSTEMD_UNIT // ""),
        line: (.MESSAGE | if type == "array" then implode else . // "" end) }) }'
}

# nginx writes files. The cursor of a file is its inode and its size: a rotated file begins again.
new_lines() { # FILE
  local file=/var/log/nginx/$1.log inode size was_inode=0 was_size=0
  [ -e "$file" ] || return 0
  read -r inode size < <(stat --format '%i %s' "$file")
  if [ -n "$cursor" ]; then IFS=: read -r was_inode was_size <<<"$(tr ' ' '\n' <<<"$cursor" | sed -n "s/^$1=//p")"; fi
  printf '%s=%s:%s ' "$1" "$inode" "$size" >&3
  if [ -z "$cursor" ]; then
    tail --lines "$lines" "$file"
  elif [ "$inode" = "$was_inode" ] && [ "$size" -ge "$was_size" ]; then
    tail --bytes "+$((was_size + 1))" "$file" | head --bytes "$((size - was_size))"
  else
    head --bytes "$size" "$file"
  fi
}

nginx_files() {
  local places found
  places=$(mktemp)
  found=$(for file in error access; do
    new_lines "$file" 3>>"$places" | jq --raw-input -c --arg from "nginx $file" '{ at: "", from: $from, line: . }'
  done)
  jq -n --slurpfile lines <(printf '%s' "$found") --rawfile cursor "$places" '{ cursor: ($cursor | rtrimstr(" ")), lines: $lines }'
  rm "$places"
}

case $source in
  app) if [ -n "$release" ]; then journal "CONTAINER_NAME=$app-$release"; else journal "CONTAINER_TAG=$app"; fi ;;
  nginx) nginx_files ;;
  rollout) journal --unit "$app-release@${release:-*}.service" --unit "$app-release@${release:-*}.socket" --unit "$app-revert.service" ;;
  backup) journal --unit "$app-backup*" --unit "$app-recover.service" ;;
  *) echo "there is no log $source" >&2 && exit 1 ;;
esac
