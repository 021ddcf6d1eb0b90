#!/usr/bin/env bash
# Prints log lines as one JSON object, oldest first, and the place where the next call continues.
#   read-logs.sh SOURCE APP LINES SINCE RELEASE CURSOR     SOURCE: app, nginx, rollout, backup
# SINCE is a time for journalctl, RELEASE a release id, CURSOR what an earlier call printed; each may be empty.
# Only the logs app and rollout know releases.
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

seconds_of() { systemd-analyze timestamp -- "$1" | sed -n 's/^ *UNIX seconds: @\([0-9]*\).*/\1/p'; }

# The rotated files that have lines since a time, and the present one.
lines_since() { # FILE SIZE SECONDS
  local file
  find /var/log/nginx -maxdepth 1 -name "${1##*/}.*" -newermt "@$3" | sort --version-sort --reverse |
    while read -r file; do gzip --decompress --stdout --force "$file"; done
  head --bytes "$2" "$1"
}

# nginx writes the server's local time, in three notations: the log format `release`, the format `combined` and the error
# log. A line without a time belongs to the line before it.
later_than() { # SECONDS
  awk -v since="$(date --date "@$1" +%Y%m%d%H%M%S)" '
    {
      text = $0
      if (text !~ /^[0-9][0-9][0-9][0-9]\//) text = substr(text, index(text, "[") + 1)
      if (text ~ /^[0-9][0-9]\/[A-Z]/) {
        month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", substr(text, 4, 3)) + 2) / 3
        text = sprintf("%s-%02d-%s %s", substr(text, 8, 4), month, substr(text, 1, 2), substr(text, 13, 8))
      }
      time = substr(text, 1, 19)
      gsub(/[^0-9]/, "", time)
      if (length(time) == 14) kept = (time "" >= since "")
    }
    kept'
}

# nginx writes files. The cursor of a file is its inode and its size: a rotated file begins again.
new_lines() { # FILE
  local file=/var/log/nginx/$1.log inode size was_inode=0 was_size=0
  [ -e "$file" ] || return 0
  read -r inode size < <(stat --format '%i %s' "$file")
  if [ -n "$cursor" ]; then IFS=: read -r was_inode was_size <<<"$(tr ' ' '\n' <<<"$cursor" | sed -n "s/^$1=//p")"; fi
  printf '%s=%s:%s ' "$1" "$inode" "$size" >&3
  if [ -z "$cursor" ] && [ -n "$since_seconds" ]; then
    lines_since "$file" "$size" "$since_seconds" | later_than "$since_seconds" | tail --lines "$lines"
  elif [ -z "$cursor" ]; then
    tail --lines "$lines" "$file"
  elif [ "$inode" = "$was_inode" ] && [ "$size" -ge "$was_size" ]; then
    tail --bytes "+$((was_size + 1))" "$file" | head --bytes "$((size - was_size))"
  else
    head --bytes "$size" "$file"
  fi
}

nginx_files() {
  local places found since_seconds=
  if [ -n "$since" ]; then since_seconds=$(seconds_of "$since"); fi
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
