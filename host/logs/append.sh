#!/usr/bin/env bash
# Appends what the app's containers have logged since the last run to app-<date>.log, one file a day (UTC), each line once,
# and removes the files of days long past.   append.sh APP DAYS
# The state (file, its size, cursor) is written last: a run that was cut short is taken back by the next one.
set -euo pipefail
umask 027
app=$1 days=$2
folder=/opt/$app/logs/app
state=/var/lib/$app/logs.state
batch=$(mktemp)
trap 'rm -f "$batch"' EXIT
exec 9>>"$state.lock"
flock --nonblock 9 || exit 0
cd "$folder"

take_back() { # FILE SIZE
  for log in app-*.log; do
    if [[ -e $log && $log > $1 ]]; then rm "$log"; fi
  done
  if [ -e "$1" ]; then truncate --size "$2" "$1"; fi
}

after=()
if [ -e "$state" ]; then
  read -r file size cursor <"$state"
  take_back "$file" "$size"
  after=(--after-cursor "$cursor")
fi
journalctl --quiet --all --output json "${after[@]}" "CONTAINER_TAG=$app" >"$batch"
if [ -s "$batch" ]; then
  jq --raw-output '
    (.__REALTIME_TIMESTAMP | tonumber / 1e6 | floor | todate) + " " + .CONTAINER_NAME + " " +
    (.MESSAGE | if type == "array" then implode else . end // "")' "$batch" |
    awk '{ if (/^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T/) file = "app-" substr($0, 1, 10) ".log"; print >> file }'
  newest=$(find . -name 'app-*.log' -printf '%f %s\n' | sort | tail --lines 1)
  printf '%s %s\n' "$newest" "$(tail --lines 1 "$batch" | jq --raw-output .__CURSOR)" >"$state.new"
  sync "$state.new" app-*.log
  mv "$state.new" "$state"
fi
oldest=app-$(date --utc --date "$((days - 1)) days ago" +%F).log
for log in app-*.log; do
  if [[ -e $log && $log < $oldest ]]; then rm "$log"; fi
done
