#!/usr/bin/env bash
# Copies LanceDB's folders by hard links while the app writes to them. Sourced after common.sh.
# shellcheck disable=SC2154 # set there

link_into() { # DIR SOURCE: the manifests first, so that every file they name is there when it is linked in turn
  rm -rf "$1"
  mkdir -m 0755 "$1" || fail "no folder can be made beside the data"
  (
    cd "$2" || exit 1
    find . -path './.*' -prune -o -type d -name _versions -print0 | xargs -0 -r cp -al --parents --target-directory "$1" || true
    find . -path './.*' -prune -o -name _versions -prune -o ! -type d -print0 |
      xargs -0 -r cp -al --parents --target-directory "$1" || true
  ) 2>"$said/vanished"
  # What vanished under it shows later; anything else, such as a full disk, would leave tables or versions out.
  if grep --invert-match ': No such file or directory$' "$said/vanished" >&2; then fail "the data cannot be linked to $1"; fi
}

settled() { # DIR SOURCE: no table was cleaned up past its newest manifest while it was linked
  local versions newest
  while IFS= read -r versions; do
    newest=$(cd "$1/$versions" && find . -maxdepth 1 -name '*.manifest' -printf '%T@ %f\n' | sort --numeric-sort | tail --lines 1 | cut -d ' ' -f 2)
    [ -e "$2/$versions/$newest" ] || return 1
  done < <(cd "$1" && find . -type d -name _versions)
}

snapshot_into() { # DIR SOURCE
  local attempts=20
  until link_into "$1" "$2" && settled "$1" "$2"; do
    attempts=$((attempts - 1))
    [ "$attempts" -gt 0 ] || return 0
  done
}
