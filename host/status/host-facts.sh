#!/usr/bin/env bash
# Prints the facts of the server that `ops status` and `ops doctor` show, as one JSON object. Changes nothing.
#   host-facts.sh APP SECONDS
# The parts run side by side. A part that fails, or does not end in SECONDS, is null.
set -euo pipefail
app=$1 seconds=$2
parts=$(mktemp --directory)
trap 'rm -rf "$parts"' EXIT
export LC_ALL=C

limited() { timeout --kill-after=1 "$seconds" "$@"; }
lines() { jq --raw-input --null-input '[inputs]'; }

clock() {
  jq -cn --argjson up "$(cut -d. -f1 /proc/uptime)" --argjson cpus "$(nproc)" --argjson load "$(cut -d ' ' -f 2 /proc/loadavg)" \
    --argjson memory "$(awk '/^Mem(Total|Available):/ { print $2 }' /proc/meminfo | jq -cs 'map(. * 1024)')" \
    '{ now: (now | todate), upSeconds: $up, cpus: $cpus, loadOver5Minutes: $load, memoryBytes: $memory[0], memoryFreeBytes: $memory[1] }'
}

# The kernel counts a container's page cache as memory, but it frees `inactive_file` when something else needs it.
memory_of() { # CONTAINER_ID
  limited curl --silent --fail --unix-socket /run/docker.sock "http://docker/containers/$1/stats?stream=false&one-shot=true" |
    jq -c '.memory_stats | if .usage then .usage - (.stats.inactive_file // .stats.total_inactive_file // 0) else null end' || echo null
}

containers() {
  local ids
  ids=$(limited docker ps --all --quiet --no-trunc --filter "label=app=$app")
  [ -n "$ids" ] || { echo '[]' && return; }
  # shellcheck disable=SC2086  # one word per id
  limited docker inspect $ids | jq -c '.[]' | while read -r container; do
    jq -c --argjson used "$(memory_of "$(jq -r .Id <<<"$container")")" '{
      name: .Name[1:], state: .State.Status, restarts: .RestartCount, startedAt: .State.StartedAt, exitCode: .State.ExitCode,
      oomKilled: .State.OOMKilled, memoryBytes: $used, memoryLimitBytes: .HostConfig.Memory }' <<<"$container"
  done | jq -cs .
}

disks() {
  local paths=()
  for path in / "/opt/$app" /var/lib/docker /var/log; do if [ -e "$path" ]; then paths+=("$path"); fi; done
  limited df --output=target,size,avail,itotal,iavail --block-size=1 "${paths[@]}" | awk 'NR > 1 && !seen[$1]++' |
    jq --raw-input -cn '[inputs | split(" +"; "") | { mount: .[0], bytes: (.[1] | tonumber), freeBytes: (.[2] | tonumber),
      files: (.[3] | tonumber? // 0), freeFiles: (.[4] | tonumber? // 0) }]'
}

bytes_in() { # NAME PATH...
  local name=$1 total
  shift
  total=$({ limited du --summarize --total --bytes --one-file-system "$@" 2>/dev/null || [ $? = 1 ]; } | tail -n 1 | cut -f 1)
  jq -cn --arg name "$name" --argjson bytes "${total:-0}" '{ name: $name, bytes: $bytes }'
}

images() {
  limited curl --silent --fail --unix-socket /run/docker.sock 'http://docker/system/df?type=image' |
    jq -c '{ name: "images", bytes: (.LayersSize // 0) }'
}

uses() {
  {
    bytes_in data "/opt/$app/data" || true
    bytes_in 'app logs' "/opt/$app/logs" || true
    bytes_in 'backup scratch' "/opt/$app/scratch" "/opt/$app/backups" || true
    bytes_in journal /var/log/journal || true
    images || true
  } | jq -cs .
}

timers() {
  local units
  units=$(limited systemctl list-unit-files --plain --no-legend "$app-*.timer" certbot.timer apt-daily-upgrade.timer logrotate.timer | awk '{ print $1 }')
  [ -n "$units" ] || { echo '[]' && return; }
  # shellcheck disable=SC2086  # one word per unit
  TZ=UTC limited systemctl show --property=Id,ActiveState,NextElapseUSecRealtime,LastTriggerUSec $units |
    jq --raw-input --slurp -c '
      def at: capture("(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2}) (?<time>[0-9:]{8})") | "\(.day)T\(.time)Z";
      [split("\n\n")[] | [split("\n")[] | select(contains("=")) | capture("^(?<key>[^=]+)=(?<value>.*)$")] | from_entries | select(.Id)
        | { unit: .Id, active: (.ActiveState == "active"), next: ([.NextElapseUSecRealtime | at][0]), last: ([.LastTriggerUSec | at][0]) }]'
}

failed() { limited systemctl list-units --failed --plain --no-legend | awk '{ print $1 }' | lines; }

updates() {
  local pending
  pending=$(limited apt-get --simulate --quiet=2 dist-upgrade)
  jq -cn --argjson pending "$(grep -c '^Inst ' <<<"$pending")" --argjson security "$(grep -ci '^Inst .*security' <<<"$pending")" \
    --argjson reboot "$([ -e /run/reboot-required ] && echo true || echo false)" '{ $pending, $security, $reboot }'
}

is_held() { # FILE: reads the kernel's list, because taking the lock for a moment could refuse it to a rollout
  [ -e "$1" ] && grep -q "FLOCK .*:$(stat --format %i "$1") " /proc/locks
}

lock() {
  local file
  for file in "/run/$app/rollout.lock" "/run/lock/$app-rollout.lock"; do
    is_held "$file" || continue
    jq -cn --arg holder "$(cat "$file.holder" 2>/dev/null || echo 'an unknown process')" '{ held: true, holder: $holder }'
    return
  done
  echo '{ "held": false, "holder": "" }'
}

date_of() { date --utc --date "$(openssl x509 -in "$2" -noout "$1" | cut -d= -f2)" +%FT%TZ; } # -startdate|-enddate FILE

certificates() {
  local file
  for file in /etc/letsencrypt/live/*/cert.pem; do
    [ -e "$file" ] || continue
    jq -cn --arg name "$(basename "$(dirname "$file")")" '{ name: $name, issuedAt: $ARGS.positional[0], expiresAt: $ARGS.positional[1] }' \
      --args "$(date_of -startdate "$file")" "$(date_of -enddate "$file")"
  done | jq -cs .
}

# Files whose content is not that of the last deployment.
changed() {
  local kind path content
  cat /var/lib/vps-plugin/sets/*/applied 2>/dev/null | while IFS=$'\t' read -r kind path _ _ content; do
    if [ "$kind" = file ] && ! base64 -d <<<"$content" | cmp --silent - "$path"; then printf '%s\n' "$path"; fi
  done | lines
}

# The problems about which the server has sent an alert that is not solved yet, and since when.
alerts() {
  local file=/run/$app/alerts/state.json
  [ -s "$file" ] || { echo '[]' && return; }
  jq -c '[.open // {} | .[] | { subject, at: (.since | todate) }]' "$file"
}

all=(clock containers disks uses timers failed updates lock certificates changed alerts)
for part in "${all[@]}"; do
  (set -euo pipefail && "$part") >"$parts/$part" 2>"$parts/$part.errors" </dev/null &
done
wait
for part in "${all[@]}"; do
  jq -c --arg part "$part" '{ ($part): . }' "$parts/$part" 2>/dev/null | grep . || jq -cn --arg part "$part" '{ ($part): null }'
done | jq -cs add
