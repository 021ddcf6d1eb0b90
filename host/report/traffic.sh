#!/usr/bin/env bash
# Counts the requests in nginx's access log, as one JSON object. Prints no address, no path and no agent of a visitor.
#   traffic.sh DAYS BYTES CUTOVERS NAME...   CUTOVERS: seconds since 1970, with commas; NAME: a name of the site
# Reads the newest BYTES of the log. The periods have one length, which is such that at most 120 cover the log.
set -euo pipefail
days=$1 bytes=$2 cutovers=$3
shift 3
export LC_ALL=C TZ=UTC
folder=/var/log/nginx

newest_first() { find "$folder" -maxdepth 1 -name 'access.log*' -mtime "-$((days + 1))" | sort --version-sort; }

content() { # a file is read from its end when it is larger than the limit
  local file
  newest_first | while read -r file; do
    case $file in *.gz) gzip --decompress --stdout "$file" ;; *) tail --bytes "$bytes" "$file" ;; esac
  done
}

# A reader that has enough ends the writer, which is no error.
limited() { { content || true; } | head --bytes "$bytes"; }

[ -e "$folder/access.log" ] || { echo "there is no $folder/access.log" >&2 && exit 1; }
# The log format `release` of nginx.conf, cut at its quotation marks. nginx writes a quotation mark inside of a field as \x22.
# A duration is counted in steps of a quarter of a power of two milliseconds.
limited | awk -F '"' -v from="$(($(date +%s) - days * 86400))" -v limit="$bytes" -v cutovers="$cutovers" -v names="$*" '
  function seconds(text,   minute, parts, shift) {
    minute = substr(text, 1, 16) substr(text, 20)
    if (!(minute in known)) {
      split(substr(text, 1, 16), parts, /[-T:]/)
      shift = substr(text, 21, 2) * 3600 + substr(text, 24, 2) * 60
      known[minute] = mktime(parts[1] " " parts[2] " " parts[3] " " parts[4] " " parts[5] " 00") - (substr(text, 20, 1) == "-" ? -shift : shift)
    }
    return known[minute] + substr(text, 18, 2)
  }
  function release_of(text) {
    if (text !~ /^[A-Za-z0-9._-]+$/ || text == "-") return ""
    if (!(text in releases) && ++distinct > 200) return ""
    releases[text] = 1
    return text
  }
  BEGIN {
    cuts = split(cutovers, cut, ",")
    count = split(names, name, " ")
    for (i = 1; i <= count; i++) wanted[name[i]] = 1
  }
  { read += length($0) + 1 }
  NF >= 6 {
    at = index($1, "[")
    host = substr($1, at + 28)
    sub(/ +$/, "", host)
    if (!(host in wanted)) next
    when = seconds(substr($1, at + 1, 25))
    if (when < from) next
    if (!first || when < first) first = when
    if (when > last) last = when
    split($3, field, " ")
    status = field[1]
    bad = status >= 500 ? 1 : 0
    release = release_of($4)
    minute = int(when / 60)
    requests[minute, release]++
    errors[minute, release] += bad
    if (status != 101 && match($3, /time=[0-9.]+/)) {
      ms = substr($3, RSTART + 5, RLENGTH - 5) * 1000
      latency[minute, ms <= 1 ? 0 : int(log(ms) / log(2) * 4 + 0.5)]++
    }
    for (i = 1; i <= cuts; i++) {
      offset = when - cut[i]
      if (offset < -60 || offset >= 60) continue
      slot = int((offset + 60) / 5) * 5 - 60
      near[i - 1, slot, release]++
      nearErrors[i - 1, slot, release] += bad
    }
  }
  END {
    size = split("60 300 900 3600 10800 21600 86400", sizes, " ")
    for (i = 1; i < size && (last - first) / sizes[i] > 118; i++);
    period = sizes[i]
    for (key in requests) {
      split(key, part, SUBSEP)
      start = int(part[1] * 60 / period) * period
      sumRequests[start, part[2]] += requests[key]
      sumErrors[start, part[2]] += errors[key]
    }
    for (key in latency) {
      split(key, part, SUBSEP)
      sumLatency[int(part[1] * 60 / period) * period, part[2]] += latency[key]
    }
    printf "{\"kind\":\"log\",\"periodSeconds\":%d,\"complete\":%s}\n", period, read < limit ? "true" : "false"
    for (key in sumRequests) {
      split(key, part, SUBSEP)
      printf "{\"kind\":\"period\",\"at\":%d,\"release\":\"%s\",\"requests\":%d,\"errors\":%d}\n", part[1], part[2], sumRequests[key], sumErrors[key]
    }
    for (key in sumLatency) {
      split(key, part, SUBSEP)
      printf "{\"kind\":\"latency\",\"at\":%d,\"step\":%d,\"requests\":%d}\n", part[1], part[2], sumLatency[key]
    }
    for (key in near) {
      split(key, part, SUBSEP)
      printf "{\"kind\":\"cutover\",\"cutover\":%d,\"offset\":%d,\"release\":\"%s\",\"requests\":%d,\"errors\":%d}\n", part[1], part[2], part[3], near[key], nearErrors[key]
    }
  }' | jq --slurp --compact-output '
  def of($kind): map(select(.kind == $kind) | del(.kind));
  { periodSeconds: of("log")[0].periodSeconds, complete: of("log")[0].complete,
    periods: (of("period") | sort_by(.at, .release)), latency: (of("latency") | sort_by(.at, .step)),
    cutovers: (of("cutover") | sort_by(.cutover, .offset, .release)) }'
