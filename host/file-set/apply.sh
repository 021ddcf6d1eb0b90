#!/usr/bin/env bash
# Makes a set of files, links, directories and units true on this host: all of it, or nothing.
#   file-set-apply.sh SET [STEP]    stdin: lines of host/file-set/payload.ts; STEP: die there, for tests
# /var/lib/vps-plugin/lock           sets take turns
#   originals/                       what stood at a path and how a unit was before any set took it
#   sets/SET/taken                   what the set holds: "path /a/b" and "unit x.service" lines
#   sets/SET/applied                 of a set with a validator: the payload it was last made true with
#   sets/SET/new/                    the state to be
#   sets/SET/undo/                   the state before: while it is there, the set is in between and has to go back
# A path's copy is named by the path with "%" for "/"; no copy means that nothing stands there.
set -euo pipefail
umask 077
set=$1 die_at=${2:-}
home=/var/lib/vps-plugin own=/var/lib/vps-plugin/sets/$set
originals=$home/originals new=$own/new
# On tmpfs: an overlay, such as a container's root, refuses the character devices that mark removals.
layer=/run/vps-plugin-layer

at() { if [ "$die_at" = "$1" ]; then kill -KILL $$; fi; }
fail() { printf '%s\n' "$1" >&2 && exit 1; }
exists() { [ -e "$1" ] || [ -L "$1" ]; }
is_directory() { [ -d "$1" ] && [ ! -L "$1" ]; }
like() { chown --reference="$1" "$2" && chmod --reference="$1" "$2"; }
slot() { printf '%s/%s' "$1" "${2//\//%}"; }
beside() { printf '%s/.%s.vps-plugin' "$(dirname "$1")" "$(basename "$1")"; }
fields() { sed -n "s/^$2\t//p" "$1/payload"; } # DIR KIND
holders() { grep -lxF "$1" "$home"/sets/*/taken || true; }
held() { [ -n "$(holders "$1")" ]; }
held_by_another() { holders "$1" | grep -qvxF "$own/taken"; }

copy() { # FROM TO
  rm -rf "$2"
  if is_directory "$1"; then mkdir "$2" && like "$1" "$2"; elif exists "$1"; then cp -a "$1" "$2"; fi
}

same() { # COPY PATH
  exists "$1" || { ! exists "$2" && return; }
  [ "$(stat -c '%f %u:%g' "$1" 2>&1)" = "$(stat -c '%f %u:%g' "$2" 2>&1)" ] || return 1
  if [ -L "$1" ]; then [ "$(readlink "$1")" = "$(readlink "$2")" ]; elif [ -f "$1" ]; then cmp -s "$1" "$2"; fi
}

# --- units: one line each, NAME ENABLED ACTIVE

ask() { if systemctl "$1" --quiet "$2" 2>/dev/null; then echo true; else echo false; fi; }
unit_line() { printf '%s\t%s\t%s\n' "$1" "$(ask is-enabled "$1")" "$(ask is-active "$1")"; }
as_is() { while IFS=$'\t' read -r unit _; do unit_line "$unit"; done <"$1"; }

stop_units() { # what is to end ends while its file is still there
  while IFS=$'\t' read -r unit enabled active; do
    if [ "$active" = false ] && [ "$(ask is-active "$unit")" = true ]; then systemctl stop "$unit"; fi
    if [ "$enabled" = false ] && [ "$(ask is-enabled "$unit")" = true ]; then systemctl disable --quiet "$unit"; fi
  done <"$1"
}

start_units() { # what is to run starts when its file is there and loaded
  while IFS=$'\t' read -r unit enabled active; do
    if [ "$enabled" = true ] && [ "$(ask is-enabled "$unit")" = false ]; then systemctl enable --quiet "$unit"; fi
    if [ "$active" = true ] && [ "$(ask is-active "$unit")" = false ]; then systemctl start "$unit" 9>&-; fi
  done <"$1"
}

# --- paths: place all, which can fail for want of space, then swap all, which are renames

place() { # COPY PATH
  rm -rf "$(beside "$2")"
  if is_directory "$1"; then
    exists "$2" || copy "$1" "$2"
  elif exists "$1"; then
    cp -a "$1" "$(beside "$2")"
    [ -L "$1" ] || sync "$(beside "$2")"
  fi
}

swap() { # COPY PATH
  if is_directory "$1"; then
    like "$1" "$2"
  elif exists "$1"; then
    mv -T "$(beside "$2")" "$2"
  elif is_directory "$2"; then
    rmdir --ignore-fail-on-non-empty "$2"
  else
    rm -f "$2"
  fi
}

move_to() { # DIR of copies, file of PATHS: folders come before what is in them, and go after it
  while IFS= read -r path; do place "$(slot "$1" "$path")" "$path"; done <"$2"
  while IFS= read -r path; do
    at "swap $path"
    if exists "$(slot "$1" "$path")"; then swap "$(slot "$1" "$path")" "$path"; fi
  done <"$2"
  tac "$2" | while IFS= read -r path; do
    exists "$(slot "$1" "$path")" || swap "$(slot "$1" "$path")" "$path"
  done
}

go_back() { # DIR of a set that is in between
  local undo=$1/undo
  stop_units "$undo/units" || true
  move_to "$undo" "$undo/paths"
  fields "$undo" activate | while IFS= read -r line; do bash -c "$line" </dev/null >/dev/null 2>&1 9>&- || true; done
  start_units "$undo/units" || true
  cp "$undo/taken" "$1/taken"
  mv "$undo" "$1/done"
  rm -rf "$1/done"
}

# --- steps

make_new() { # KIND PATH MODE OWNER REST
  local to
  to=$(slot "$new" "$2")
  case $1 in
    file) base64 -d <<<"${5:-}" >"$to" ;;
    link) ln -s "$5" "$to" ;;
    directory | new-directory) mkdir "$to" ;;
  esac
  case $1 in file | directory | new-directory) chown "$4" "$to" && chmod "$3" "$to" ;; esac
  printf '%s\n' "$2" >>"$own/paths"
}

stage_entry() { # KIND PATH MODE OWNER REST
  if [ "$1" = new-directory ] && is_directory "$2"; then # the app's, unless the set made it
    if grep -qxF "path $2" "$own/taken"; then printf 'path %s\n' "$2" >>"$own/taken.new"; fi
    return
  fi
  make_new "$@"
  held "path $2" || copy "$2" "$(slot "$originals" "$2")"
  printf 'path %s\n' "$2" >>"$own/taken.new"
}

stage_unit() { # UNIT ENABLED ACTIVE
  held "unit $1" || unit_line "$1" >"$originals/$1"
  printf 'unit %s\n' "$1" >>"$own/taken.new"
  printf '%s\t%s\t%s\n' "$@" >>"$own/units"
}

root_owns_parents() { # PATH: no other user can replace a part of it with a link
  local path=$1
  until [ "$path" = / ]; do
    path=$(dirname "$path")
    [ ! -e "$path" ] || [ "$(stat -c %u "$path")" = 0 ] || return 1
  done
}

release() { # KIND NAME: what leaves the set becomes what it was, unless another set holds it
  if held_by_another "$1 $2"; then return; fi
  printf '%s\n' "$(slot "$originals" "$2")" >>"$own/released"
  # An earlier version held a path below the app's directory. It stays as it is.
  if [ "$1" = path ] && ! root_owns_parents "$2"; then return; fi
  case $1 in
    path) copy "$(slot "$originals" "$2")" "$(slot "$new" "$2")" && printf '%s\n' "$2" >>"$own/paths" ;;
    unit) cat "$originals/$2" >>"$own/units" ;;
  esac
}

refuse() { # PATH: a directory may hold data, so it never makes way for something else, nor the other way round
  local copy
  copy=$(slot "$new" "$1")
  if is_directory "$1" && ! is_directory "$copy"; then fail "$1 is a directory, and data is never removed: move it away by hand"; fi
  if is_directory "$copy" && exists "$1" && ! is_directory "$1"; then fail "$1 is not a directory: move it away by hand"; fi
}

stage() {
  mkdir -p "$originals" "$own"
  rm -rf "${new:?}" "$layer" "$own/undo.new"
  mkdir "$new"
  touch "$own/taken"
  for list in taken.new paths units released changed; do : >"$own/$list"; done
  cat >"$own/payload"
  while IFS=$'\t' read -r kind name rest; do
    case $kind in
      unit) IFS=$'\t' read -r -a words <<<"$rest" && stage_unit "$name" "${words[@]}" ;;
      validate | activate | in-force) ;;
      *) IFS=$'\t' read -r -a words <<<"$rest" && stage_entry "$kind" "$name" "${words[@]}" ;;
    esac
  done <"$own/payload"
  while IFS= read -r path; do refuse "$path"; done <"$own/paths"
  while IFS=' ' read -r kind name; do
    grep -qxF "$kind $name" "$own/taken.new" || release "$kind" "$name"
  done <"$own/taken"
}

compare() {
  : >"$own/changed"
  LC_ALL=C sort -u -o "$own/paths" "$own/paths"
  while IFS= read -r path; do
    same "$(slot "$new" "$path")" "$path" || printf '%s\n' "$path" >>"$own/changed"
  done <"$own/paths"
}

in_force() { # every command succeeds: what the files say is what the host does
  local line
  while IFS= read -r line; do bash -c "$line" </dev/null >/dev/null 2>&1 9>&- || return 1; done < <(fields "$own" in-force)
}

differs() { [ -s "$own/changed" ] || ! as_is "$own/units" | cmp -s - "$own/units" || ! in_force; }

run_each() { # KIND
  local line words
  while IFS= read -r line; do
    words=$("$1_by" "$line" 2>&1 </dev/null 9>&-) || fail "$1 \`${line//\'/}\` failed and nothing was changed: $words"
  done < <(fields "$own" "$1")
}

# shellcheck disable=SC2317,SC2329 # called by its name
activate_by() { bash -c "$1"; }

# shellcheck disable=SC2016,SC2317,SC2329 # called by its name; the inner shell expands its own arguments
validate_by() { # the new /etc over the live one, in a mount namespace that nobody else sees
  unshare --mount bash -c 'mount -t overlay overlay -o "lowerdir=$1:/etc" /etc && exec bash -c "$2"' - "$layer/etc" "$1"
}

layer() { # the changes under /etc as an overlay: a removal is a character device 0 0
  rm -rf "$layer"
  (umask 022 && mkdir -p "$layer/etc")
  while IFS= read -r path; do
    if [[ $path != /etc/* ]] || ! (umask 022 && mkdir -p "$(dirname "$layer$path")" 2>/dev/null); then continue; fi
    copy "$(slot "$new" "$path")" "$layer$path"
    exists "$layer$path" || is_directory "$path" || mknod "$layer$path" c 0 0
  done <"$own/changed"
}

fellows() { # what the other sets with one of this set's validators were made true with
  grep -slxF "$(grep '^validate' "$own/payload")" "$home"/sets/*/applied | grep -vxF "$own/applied" | xargs -r cat
}

# A validator sees the files of all sets that share it. What was broken by hand in two of them could never be repaired set
# by set, so the others' files come along then, as their own sets left them.
bring_along() {
  local before kind path mode owner rest
  before=$(cat "$own/changed")
  while IFS=$'\t' read -r kind path mode owner rest; do
    if grep -qxF "path $path" "$own/taken.new"; then continue; fi
    make_new "$kind" "$path" "$mode" "$owner" "$rest"
    refuse "$path"
  done < <(fellows | grep -P '^(file|link|absent|directory)\t' | sort -u -t $'\t' -k 2,2)
  compare
  [ "$before" != "$(cat "$own/changed")" ]
}

validate() {
  local words
  layer
  if words=$(run_each validate 2>&1); then return; fi
  bring_along || fail "$words"
  layer
  run_each validate
}

journal() {
  local undo=$own/undo.new
  mkdir "$undo"
  cp "$own/taken" "$own/payload" "$undo"
  cp "$own/changed" "$undo/paths"
  as_is "$own/units" >"$undo/units"
  while IFS= read -r path; do copy "$path" "$(slot "$undo" "$path")"; done <"$own/changed"
  find "$undo" ! -type l -exec sync {} +
  mv "$undo" "$own/undo"
}

commit() {
  mv "$own/taken.new" "$own/taken"
  at close
  if [ -d "$own/undo" ]; then mv "$own/undo" "$own/done"; fi
  if grep -q '^validate' "$own/payload"; then mv "$own/payload" "$own/applied"; else rm -f "$own/applied"; fi
  while IFS= read -r original; do rm -rf "$original"; done <"$own/released"
  if [ ! -s "$own/taken" ]; then rm -rf "$own"; fi
}

finish() {
  local code=$?
  if [ "$code" != 0 ] && [ -d "$own/undo" ]; then go_back "$own"; fi
  rm -rf "$new" "$layer" "$own/undo.new" "$own/done" "$own"/{payload,taken.new,paths,units,released,changed}
}

mkdir -p "$home/sets"
exec 9>>"$home/lock"
flock -w 60 9 || fail "another set is being applied on this host"
for other in "$home"/sets/*/; do if [ -d "$other/undo" ]; then go_back "${other%/}"; fi; done
trap finish EXIT
stage
compare
if differs; then
  at validate
  validate
  at journal
  journal
  at stop
  stop_units "$own/units"
  at swap
  move_to "$new" "$own/changed"
  at activate
  if [ -s "$own/changed" ] || ! in_force; then run_each activate; fi
  at start
  start_units "$own/units"
  in_force || fail "what was activated is not in force: $(fields "$own" in-force)"
fi
at commit
commit
