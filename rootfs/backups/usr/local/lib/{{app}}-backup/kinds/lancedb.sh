#!/usr/bin/env bash
# LanceDB, read with node and the LanceDB of the running image.
# shellcheck disable=SC2034,SC2154 # common.sh, data.sh and backup.sh set and read these variables
linked[lancedb]=yes
plain_kind=lancedb
deepest=20 # manifests of a table that are tried

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

# --- doctor.sh, which has read_copy

is_table_name() { [[ $1 =~ ^[A-Za-z0-9._-]+$ ]]; }

newest_manifest() { # of the table in the copy; V2 names (20 digits) count down, V1 names count up
  as_app find "$copy/_versions" -name '*.manifest' -printf '%f\n' | awk '{ n = $0; sub(/\.manifest/, "", n); v2 = length(n) == 20; print v2, n, $0 }' |
    sort --key=1,1nr --key=2,2n | awk '$1 == 1 { print $3; found = 1; exit } { last = $3 } END { if (!found) print last }'
}

examine_table() { # NAME TABLE
  local bad=() found='' manifest copy=$scratch/doctor/$1/$2.lance
  for _ in $(seq "$attempts"); do # the app writes meanwhile, so only what fails each time is bad
    make_directory "$scratch/doctor"
    copy_directory "$data/$1/$2.lance" "$copy"
    read_copy "$1"
    if [ -n "$found" ]; then break; fi
  done
  while [ -z "$found" ] && [ "${#bad[@]}" -lt "$deepest" ]; do
    manifest=$(newest_manifest)
    [ -n "$manifest" ] || break
    bad+=("$manifest")
    as_app rm "$copy/_versions/$manifest"
    read_copy "$1"
  done
  jq --null-input --compact-output --arg table "$2" --argjson found "${found:-[]}" \
    '{table: $table, readable: ($ARGS.positional == []), bad: $ARGS.positional, newest: ($found[0] // null)}' --args "${bad[@]}"
}

lancedb_examine() {
  local table tables
  mapfile -t tables < <(as_app find "$data/$1" -mindepth 1 -maxdepth 1 -type d -name '*.lance' -printf '%f\n' | sort)
  for table in "${tables[@]}"; do
    if is_table_name "${table%.lance}"; then examine_table "$1" "${table%.lance}"; fi
  done
}

lancedb_has() { is_table_name "$2" && as_app test -d "$data/$1/$2.lance"; }

lancedb_set_aside() {
  local report versions=$data/$1/$2.lance/_versions
  report=$(examine_table "$1" "$2")
  if [ "$(jq '.newest != null' <<<"$report")" = true ]; then
    jq --raw-output '.bad[]' <<<"$report" | while IFS= read -r manifest; do
      as_app mv -T "$versions/$manifest" "$versions/$manifest.corrupt"
    done
  fi
  printf '%s\n' "$report"
}
