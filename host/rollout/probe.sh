#!/usr/bin/env bash
# Asks the health endpoint of a release's container and prints each attempt as one JSON object per line: again after a
# 200, up to TIMES. A refused connection is an app that has not started to listen: it waits until there is an answer, the
# container ends, or the time is up. A body of more than BODY_LIMIT bytes is not read to its end.
# With `task`, the container is the newest task of the release on this server of a cluster.
#   rollout-probe.sh APP RELEASE PATH HOST ANSWER_SECONDS WAIT_SECONDS TIMES BODY_LIMIT VERSION_HEADER [task]
set -euo pipefail
app=$1 release=$2 kind=${10:-container} path=$3 host=$4 answer=$5 times=$7 limit=$8 header=$9
deadline=$((SECONDS + $6))
target=$(sed -n 's/^TARGET=//p' "/var/lib/$1/releases/$2.target")
scratch=$(mktemp -d)
body=$scratch/body headers=$scratch/headers figures=$scratch/figures
trap 'rm -rf "$scratch"' EXIT

newest_task() { docker ps --all --quiet --no-trunc --filter "label=app=$app" --filter "label=release=$release" | sed -n 1p; }

inspect() {
  local container=$app-$release
  if [ "$kind" = task ]; then container=$(newest_task); fi
  if [ -n "$container" ]; then
    curl --silent --max-time 10 --unix-socket /run/docker.sock "http://docker/containers/$container/json"
  else
    echo '{ "State": { "Running": false, "Restarting": false, "ExitCode": 0, "OOMKilled": false }, "RestartCount": 0 }'
  fi
}
runs() { inspect | jq --exit-status '.State.Running and (.State.Restarting | not) and .RestartCount == 0' >/dev/null; }

ask() { # curl's exit code; one more byte than the limit is enough to know that the body is too large
  curl --silent --connect-timeout 0.5 --max-time "$answer" --dump-header "$headers" \
    --write-out '%{stderr}%{http_code} %{time_total} %{time_connect}' \
    --header "Host: $host" --header 'X-Forwarded-Proto: https' "http://$target$path" 2>"$figures" |
    head --bytes $((limit + 1)) >"$body"
}

refused=7 late=28
attempt() {
  local tries
  for ((tries = 1; ; tries++)); do
    code=0
    : >"$headers"
    ask || code=$?
    answered=$(<"$figures")
    # Nothing answers at the address of a container that has ended: a timeout before the connection counts as a refusal.
    if [ "$code" = "$late" ] && [ "${answered##* }" = 0.000000 ]; then code=$refused; fi
    if [ "$code" != "$refused" ] || [ "$SECONDS" -ge "$deadline" ]; then break; fi
    # Not each time: the question takes processor time from the app that starts.
    if ((tries % 4 == 0)) && ! runs; then break; fi
    sleep 0.05
  done
  inspected=$(inspect)
}

version() { # the value of the header that reports the version
  [ -z "$header" ] || sed -n "s/^$header:[[:space:]]*\\(.*[^[:space:]]\\)[[:space:]]*\$/\\1/Ip" "$headers" | tail -n 1
}

report() {
  jq -cn --argjson inspected "$inspected" --arg code "$code" --arg answered "$answered" --rawfile body "$body" \
    --arg size "$(stat --format %s "$body")" --arg limit "$limit" --arg version "$(version)" \
    --arg refused "$refused" --arg late "$late" '
    ($answered | split(" ")) as [$status, $seconds]
    | $inspected.State as $state
    | { running: ($state.Running and ($state.Restarting | not)), exitCode: $state.ExitCode,
        oomKilled: $state.OOMKilled, restarts: $inspected.RestartCount } as $container
    | { $container, seconds: ($seconds | tonumber) }
    + if $code == $refused then { kind: "refused" }
      elif ($size | tonumber) > ($limit | tonumber) then { kind: "large" }
      elif $code == $late then { kind: "timeout" }
      elif $code == "0" then { kind: "answer", status: ($status | tonumber), body: $body, version: $version }
      else { kind: "broken", curlCode: ($code | tonumber) } end'
}

for ((asked = 1; ; asked++)); do
  attempt
  report
  if [ "$asked" -ge "$times" ] || [ "$code ${answered%% *}" != '0 200' ]; then break; fi
done
