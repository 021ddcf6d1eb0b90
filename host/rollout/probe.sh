#!/usr/bin/env bash
# Asks the health endpoint of a release's container and prints each attempt as one JSON object per line: again after a
# 200, up to TIMES. A refused connection is an app that has not started to listen: it waits until there is an answer, the
# container ends, or the time is up.
#   rollout-probe.sh APP RELEASE PATH HOST ANSWER_SECONDS WAIT_SECONDS TIMES
set -euo pipefail
container=$1-$2 path=$3 host=$4 answer=$5 times=$7
deadline=$((SECONDS + $6))
target=$(sed -n 's/^TARGET=//p' "/var/lib/$1/releases/$2.target")
body=$(mktemp)
trap 'rm -f "$body"' EXIT

container_state() {
  curl --silent --max-time 10 --unix-socket /run/docker.sock "http://docker/containers/$container/json" |
    jq -c '{ running: (.State.Running and (.State.Restarting | not)), exitCode: .State.ExitCode,
             oomKilled: .State.OOMKilled, restarts: .RestartCount }'
}

ask() {
  curl --silent --output "$body" --connect-timeout 0.5 --max-time "$answer" --max-filesize 65536 \
    --write-out '%{http_code} %{time_total} %{time_connect}' \
    --header "Host: $host" --header 'X-Forwarded-Proto: https' "http://$target$path"
}

refused=7 late=28
attempt() {
  for (( ; ; )); do
    code=0
    : >"$body"
    answered=$(ask) || code=$?
    # Nothing answers at the address of a container that has ended: a timeout before the connection counts as a refusal.
    if [ "$code" = "$late" ] && [ "${answered##* }" = 0.000000 ]; then code=$refused; fi
    state=$(container_state)
    if [ "$code" != "$refused" ] || [ "$SECONDS" -ge "$deadline" ]; then break; fi
    if [ "$(jq '.running and .restarts == 0' <<<"$state")" = false ]; then break; fi
    sleep 0.05
  done
}

report() {
  jq -cn --argjson state "$state" --arg code "$code" --arg answered "$answered" --rawfile body "$body" \
    --arg refused "$refused" --arg late "$late" '
    ($answered | split(" ")) as [$status, $seconds]
    | { container: $state, seconds: ($seconds | tonumber) }
    + if $code == $refused then { kind: "refused" }
      elif $code == $late then { kind: "timeout" }
      elif $code == "0" then { kind: "answer", status: ($status | tonumber), body: $body[0:4000] }
      else { kind: "broken", curlCode: ($code | tonumber) } end'
}

for ((asked = 1; ; asked++)); do
  attempt
  report
  if [ "$asked" -ge "$times" ] || [ "$code ${answered%% *}" != '0 200' ]; then break; fi
done
