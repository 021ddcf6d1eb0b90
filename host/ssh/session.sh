#!/usr/bin/env bash
# Holds a lock and runs the steps that the lock holder sends on standard input, one after the other. When the holder ends
# or sends nothing for SILENCE_SECONDS, the running step is stopped and the lock is released: no step runs without the lock.
#   session.sh LOCK SILENCE_SECONDS HOLDER [FORMER_LOCK]
# in:  run ID WORDS                    WORDS: script, standard input and arguments, each ended by NUL, in base64
#      stop                            ends the running step
#      beat                            shows that the holder still runs
# out: ready | held HOLDER             then, for each step: "> " lines (stdout), "! " lines (stderr), "= ID CODE"
set -euo pipefail
lock=$1 silence=$2 holder=$3 former=${4:-}
install -d -m 0700 "$(dirname "$lock")"

refuse() { # LOCK
  printf 'held %s\n' "$(cat "$1.holder" 2>/dev/null || echo 'an unknown run')"
  exit 0
}

exec 9>>"$lock"
flock -n 9 || refuse "$lock"
# Every user can make files in the directory of the former lock: only a file of root is a lock.
if [ -f "$former" ] && [ ! -L "$former" ] && [ -O "$former" ]; then
  exec 8<"$former"
  flock -n 8 || refuse "$former"
fi
printf '%s\n' "$holder" >"$lock.holder"
errors=$(mktemp)
step=

prefix() { awk -v mark="$1" '{ print mark $0 }'; }

step() { # ID WORDS
  local id=$1 code=0 words
  mapfile -d '' words < <(base64 -d <<<"$2")
  printf '%s' "${words[1]}" | bash -c "${words[0]}" step "${words[@]:2}" 2>"$errors" | prefix '> ' || code=$?
  if [ -s "$errors" ]; then prefix '! ' <"$errors"; fi
  printf '= %s %s\n' "$id" "$code"
}

end_step() { if [ -n "$step" ]; then kill -- "-$step" 2>/dev/null || true; fi; }
finish() { end_step; rm -f "$errors" "$lock.holder"; }
trap finish EXIT

echo ready
set -m # a process group for each step, so that it ends with everything it started
while IFS=' ' read -r -t "$silence" -a words; do
  case ${words[0]:-} in
    run) step "${words[@]:1}" & step=$! id=${words[1]} ;;
    stop) end_step && printf '= %s 143\n' "$id" ;;
    beat) ;;
  esac
done
