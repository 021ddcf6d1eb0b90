#!/usr/bin/env bash
# LanceDB, read with node and the LanceDB of the running image.
# shellcheck disable=SC2154 # common.sh and data.sh set these variables
lancedb_copy() { copy_directory "$data/$1" "$2"; }

# The app runs on the same server. A scan took 700 MiB with LanceDB's defaults and 140 MiB with these settings.
lancedb_limits=(--env LANCE_DEFAULT_FRAGMENT_READAHEAD=1 --env LANCE_DEFAULT_IO_BUFFER_SIZE=8388608
  --env MALLOC_MMAP_THRESHOLD_=131072)

lancedb_scan() { # IMAGE DIRECTORY ROWS: `auto`, or the number of rows in a batch
  docker rm --force "$app-scan" >/dev/null 2>&1 || true
  timeout --kill-after=10 3600 docker run --rm --interactive --name "$app-scan" --network none --read-only --tmpfs /tmp \
    --user "$app_uid:$app_gid" --cap-drop ALL --security-opt no-new-privileges --pids-limit 512 --memory 2g --memory-swap 2g \
    "${lancedb_limits[@]}" --mount "type=bind,source=$(dirname "$2"),target=/snapshot,readonly" --workdir /app --entrypoint node "$1" \
    --expose-gc --input-type=module - "/snapshot/$(basename "$2")" "$3" <"$here/kinds/lancedb.mjs"
}

lancedb_read() {
  local image code=0
  image=$(running_image) || return 125
  lancedb_scan "$image" "$1" auto || code=$?
  # Some rows are much larger than the others: then one by one.
  if [ "$code" = 137 ]; then
    code=0
    lancedb_scan "$image" "$1" 1 || code=$?
  fi
  case $code in
    0 | 1) ;;
    3) echo "the app's image has no package @lancedb/lancedb in /app, which the kind lancedb of \`data\` needs" >&2 ;;
    124) echo 'reading took more than an hour and was stopped' >&2 ;;
    126 | 127) echo "the app's image has no node, which the kind lancedb of \`data\` needs" >&2 ;;
    137) echo 'reading ran out of memory (exit code 137): it may use 2 GiB' >&2 ;;
    *) echo "reading ended with exit code $code, see above" >&2 ;;
  esac
  return "$code"
}
