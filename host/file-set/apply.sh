#!/usr/bin/env bash
# Puts a set of files, links, directories and units on this server: all of it, or nothing.
#   apply.sh SET OWNER [STEP]   stdin: lines of host/file-set/payload.ts; OWNER: PROJECT/STACK/APP; STEP: die there, for tests
# /var/lib/vps-plugin/lock           one set at a time
#   originals/                       each path and unit as it was before the first set took it
#   sets/SET@APP/owner               PROJECT/STACK/APP. A set that an earlier version made has none, and is at sets/SET
#   sets/SET@APP/taken               the paths and units of the set: lines "path /a/b" and "unit x.service"
#   sets/SET@APP/wanted              of a shared set: the same lines, each after the sha256 of its line of the payload
#   sets/SET@APP/applied             for a set with a validator: the last payload that was applied
#   sets/SET@APP/new/                the desired state
#   sets/SET@APP/undo/               the previous state; it exists only during a change, and must then be restored
# Every `return` has a number: without one, in the EXIT trap it would be the exit code of the script.
# The copy of a path is named after the path, with "%" for "/". A path without a copy does not exist.
set -euo pipefail
umask 077
set=$1 owner=$2 die_at=${3:-}
home=/var/lib/vps-plugin own=/var/lib/vps-plugin/sets/$set@${owner##*/}
originals=$home/originals new=$own/new
# On tmpfs: an overlay file system, such as the root of a container, refuses the devices that mark a removal.
layer=/run/vps-plugin-layer
reverting=""
invalid_already=""

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
  exists "$1" || { ! exists "$2" && return 0; }
  [ "$(stat -c '%f %u:%g' "$1" 2>&1)" = "$(stat -c '%f %u:%g' "$2" 2>&1)" ] || return 1
  if [ -L "$1" ]; then [ "$(readlink "$1")" = "$(readlink "$2")" ]; elif [ -f "$1" ]; then cmp -s "$1" "$2"; fi
}

# --- trust: root changes paths only below directories that nobody else can change (docs/security.md)

declare -A trusted=()
untrusted= # why the last call of trust failed

facts() { # plan|disk PATH: "UID RAW_MODE" of a directory as the set will make it, or as it is
  local copy
  copy=$(slot "$new" "$2")
  if [ "$1" = plan ] && is_directory "$copy"; then stat -c '%u %f' "$copy"; else stat -c '%u %f' "$2" 2>/dev/null; fi
}

# Succeeds if only root can change the directory and every directory above it. A link above it must belong to root, and
# the same holds for the directory that it names.
trust() { # plan|disk DIRECTORY [LINKS]
  local directory=$2 links=${3:-0} above uid raw
  above=${directory%/*}
  if [ -n "${trusted[$1 $directory]:-}" ]; then return 0; fi
  if [ "$directory" != / ]; then trust "$1" "${above:-/}" "$links" || return 1; fi
  read -r uid raw < <(facts "$1" "$directory") || { untrusted="$directory does not exist" && return 1; }
  if [ "$uid" != 0 ]; then untrusted="$directory does not belong to root" && return 1; fi
  case $((0x$raw & 0170000)) in
    $((0040000))) [ "$((0x$raw & 022))" = 0 ] || { untrusted="not only root can write to $directory" && return 1; } ;;
    $((0120000))) follow "$1" "$directory" "$links" || return 1 ;;
    *) untrusted="$directory is not a directory" && return 1 ;;
  esac
  trusted[$1 $directory]=yes
}

follow() { # plan|disk LINK LINKS
  local target
  target=$(readlink "$2")
  [ "$3" -lt 40 ] || { untrusted="$2 is a link in a loop" && return 1; }
  if [[ $target != /* ]]; then target=${2%/*}/$target; fi
  trust "$1" "$target" "$(($3 + 1))"
}

is_root_only() { # DIRECTORY
  local uid raw
  read -r uid raw < <(stat -c '%u %f' "$1")
  [ "$uid" = 0 ] && [ "$((0x$raw & 022))" = 0 ]
}

parent() { local above=${1%/*} && printf '%s' "${above:-/}"; }

refuse_untrusted() { # plan|disk PATH
  trust "$1" "$(parent "$2")" ||
    fail "$2 was not changed: $untrusted, and root works only where nobody else can write. Correct owner and mode of the directory, or remove the entry"
}

# Just before each change. A revert leaves out what it cannot reach, so that it restores everything else.
reach() { # PATH
  if trust disk "$(parent "$1")"; then return 0; fi
  if [ -n "$reverting" ]; then return 1; fi
  refuse_untrusted disk "$1"
}

# --- owners: a set belongs to one app, and so does each of its paths, unless it is shared

declare -A wanted=() # of a shared set: LINE of taken -> sha256 of its line of the payload

owner_of() { if [ -e "$1/owner" ]; then cat "$1/owner"; else printf 'the set %s of an earlier version' "${1##*/}"; fi; }

others() { # the sets of other owners, one DIR a line
  local other
  for other in "$home"/sets/*/; do
    other=${other%/}
    if [ "$other" = "$own" ] || [ ! -e "$other/taken" ]; then continue; fi
    [ "$(owner_of "$other")" = "$owner" ] || printf '%s\n' "$other"
  done
}

is_as_on_disk() { # LINE
  case $1 in
    path\ *) same "$(slot "$new" "${1#path }")" "${1#path }" ;;
    unit\ *) unit_line "${1#unit }" | grep -qxFf - "$own/units" ;;
  esac
}

# A set of an earlier version did not record the content that it wants: it wants the present one.
agrees() { if [ -s "$1/wanted" ]; then grep -qxF "${wanted[$2]} $2" "$1/wanted"; else is_as_on_disk "$2"; fi; } # DIR LINE

is_allowed() { # SHARING DIR LINE
  case $1 in
    any) return 0 ;;
    equal) agrees "$2" "$3" ;;
    *) [ ! -e "$2/owner" ] && is_as_on_disk "$3" ;;
  esac
}

refuse_other() { # SHARING DIR LINE
  if [ "$1" = equal ]; then
    fail "$3 is shared by all apps of this server, and $owner and $(owner_of "$2") want different content. Nothing was changed. Give both the same settings and the same version of this program. To replace it for all: pulumi config set --path 'host.adopt[0]' shared"
  fi
  fail "$3 belongs to $(owner_of "$2"), not to $owner. Nothing was changed. Choose another app.name, or deploy with the project and stack that own it"
}

refuse_others() { # before anything changes
  local other line sharing
  sharing=$(fields "$own" sharing)
  while IFS= read -r other; do
    while IFS= read -r line; do
      is_allowed "$sharing" "$other" "$line" || refuse_other "$sharing" "$other" "$line"
    done < <(grep -xFf "$own/taken.new" "$other/taken" || true)
  done < <(others)
}

# Earlier versions recorded no owner: their sets are at sets/SET. The app takes the lines that its state or its entries
# name. Other lines stay there, for the app that has them.
adopt() {
  local former=$home/sets/$set
  if [ ! -e "$former/taken" ]; then return 0; fi
  awk -F '\t' '$1 == "adopt" { print $2 } $1 == "unit" { print "unit " $2 } $2 ~ "^/" { print "path " $2 }' "$own/payload" >"$own/known"
  { cat "$own/taken"; grep -xFf "$own/known" "$former/taken" || true; } | sort -u >"$own/taken.new"
  mv "$own/taken.new" "$own/taken"
  grep -vxFf "$own/taken" "$former/taken" >"$former/rest" || true
  if [ -s "$former/rest" ]; then mv "$former/rest" "$former/taken"; else rm -rf "$former"; fi
}

# --- units: one line each, NAME ENABLED ACTIVE

ask() { if systemctl "$1" --quiet "$2" 2>/dev/null; then echo true; else echo false; fi; }
unit_line() { printf '%s\t%s\t%s\n' "$1" "$(ask is-enabled "$1")" "$(ask is-active "$1")"; }
as_is() { while IFS=$'\t' read -r unit _; do unit_line "$unit"; done <"$1"; }

stop_units() { # before the swap: a unit stops while its old file still exists
  while IFS=$'\t' read -r unit enabled active; do
    if [ "$active" = false ] && [ "$(ask is-active "$unit")" = true ]; then systemctl stop "$unit"; fi
    if [ "$enabled" = false ] && [ "$(ask is-enabled "$unit")" = true ]; then systemctl disable --quiet "$unit"; fi
  done <"$1"
}

start_units() { # after the swap: a unit starts when its new file exists and is loaded
  while IFS=$'\t' read -r unit enabled active; do
    if [ "$enabled" = true ] && [ "$(ask is-enabled "$unit")" = false ]; then systemctl enable --quiet "$unit"; fi
    if [ "$active" = true ] && [ "$(ask is-active "$unit")" = false ]; then systemctl start "$unit" 9>&-; fi
  done <"$1"
}

# --- paths: first the directories, then a copy beside each path, which can fail for lack of space, then only renames

make_directories() { # DIR of copies, file of PATHS
  local path copy
  while IFS= read -r path; do
    copy=$(slot "$1" "$path")
    if ! is_directory "$copy" || ! reach "$path"; then continue; fi
    is_directory "$path" || mkdir "$path"
    at "swap $path"
    # A directory that others can write gets its owner last, when nothing below it is left to change.
    if is_root_only "$copy"; then like "$copy" "$path"; fi
  done <"$2"
}

place() { # COPY PATH
  rm -rf "$(beside "$2")"
  cp -a "$1" "$(beside "$2")"
  [ -L "$1" ] || sync "$(beside "$2")"
}

place_all() { # DIR of copies, file of PATHS
  local path copy
  while IFS= read -r path; do
    copy=$(slot "$1" "$path")
    if exists "$copy" && ! is_directory "$copy" && reach "$path"; then place "$copy" "$path"; fi
  done <"$2"
}

swap_all() { # DIR of copies, file of PATHS
  local path copy
  while IFS= read -r path; do
    copy=$(slot "$1" "$path")
    if is_directory "$copy"; then continue; fi
    at "swap $path"
    if ! reach "$path"; then continue; fi
    # A copy without an original is one that a killed change left.
    if exists "$copy"; then mv -T "$(beside "$path")" "$path"; else rm -rf "$(beside "$path")"; fi
  done <"$2"
}

remove() { # PATH
  if is_directory "$1"; then rmdir --ignore-fail-on-non-empty "$1"; else rm -f "$1"; fi
}

finish_directories() { # DIR of copies, file of PATHS: contents before their directory
  local path copy
  tac "$2" | while IFS= read -r path; do
    copy=$(slot "$1" "$path")
    if exists "$copy" && ! is_directory "$copy"; then continue; fi
    if ! exists "$copy" && ! exists "$path"; then continue; fi
    reach "$path" || continue
    if ! exists "$copy"; then remove "$path"; elif ! is_root_only "$copy"; then like "$copy" "$path"; fi
  done
}

move_to() { # DIR of copies, file of PATHS, sorted
  make_directories "$@"
  place_all "$@"
  swap_all "$@"
  finish_directories "$@"
}

revert() { # DIR of a set whose change did not finish
  local undo=$1/undo reverting=yes
  trusted=()
  stop_units "$undo/units" || true
  move_to "$undo" "$undo/paths"
  fields "$undo" activate | while IFS= read -r line; do bash -c "$line" </dev/null >/dev/null 2>&1 9>&- || true; done
  start_units "$undo/units" || true
  cp "$undo/taken" "$1/taken"
  mv "$undo" "$1/done"
  rm -rf "$1/done"
}

# --- steps

merge_json() { # PATH TO, stdin: a JSON object. Other keys of PATH stay, and if nothing differs, so does every byte of it.
  local ours present
  ours=$(cat)
  present=$(cat "$1" 2>/dev/null || true)
  if [ -z "$present" ]; then printf '%s\n' "$ours" >"$2" && return 0; fi
  jq --exit-status type <<<"$present" 2>/dev/null | grep -qx '"object"' || fail "$1 is not a JSON object, so nothing can be added to it. Correct it by hand"
  if jq --exit-status --argjson ours "$ours" '. * $ours == .' <<<"$present" >/dev/null; then cp "$1" "$2"; else jq --argjson ours "$ours" '. * $ours' <<<"$present" >"$2"; fi
}

make_new() { # KIND PATH MODE OWNER REST
  local to
  to=$(slot "$new" "$2")
  case $1 in
    file) base64 -d <<<"${5:-}" >"$to" ;;
    json-file) base64 -d <<<"${5:-}" | merge_json "$2" "$to" ;;
    link) ln -s "$5" "$to" ;;
    directory | new-directory) mkdir "$to" ;;
  esac
  case $1 in file | json-file | directory | new-directory) chown "$4" "$to" && chmod "$3" "$to" ;; esac
  printf '%s\n' "$2" >>"$own/paths"
}

stage_entry() { # KIND PATH MODE OWNER REST
  if [ "$1" != absent ] || exists "$2"; then refuse_untrusted plan "$2"; fi
  if [ "$1" = new-directory ] && is_directory "$2"; then # it belongs to the app, unless the set made it
    if grep -qxF "path $2" "$own/taken"; then printf 'path %s\n' "$2" >>"$own/taken.new"; fi
    return 0
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

want() { # KIND NAME REST: the sha256 is that of host/file-set/payload.ts, without tabs at the end
  local line
  case $1 in
    unit) line="unit $2" ;;
    file | json-file | link | directory | new-directory | absent) line="path $2" ;;
    *) return 0 ;;
  esac
  wanted[$line]=$(printf '%s\t%s%s' "$1" "$2" "${3:+$'\t'$3}" | sha256sum | cut -d ' ' -f 1)
}

root_owns_parents() { # PATH: no other user can replace a part of it with a link
  local path=$1
  until [ "$path" = / ]; do
    path=$(dirname "$path")
    [ ! -e "$path" ] || [ "$(stat -c %u "$path")" = 0 ] || return 1
  done
}

release() { # KIND NAME: what leaves the set becomes what it was, unless another set holds it
  if held_by_another "$1 $2"; then return 0; fi
  printf '%s\n' "$(slot "$originals" "$2")" >>"$own/released"
  # An earlier version held a path below the app's directory. It stays as it is.
  if [ "$1" = path ] && ! root_owns_parents "$2"; then return; fi
  case $1 in
    path)
      # Below a directory that others can write, or that is gone, it stays as it is.
      trust plan "$(parent "$2")" || return 0
      copy "$(slot "$originals" "$2")" "$(slot "$new" "$2")" && printf '%s\n' "$2" >>"$own/paths"
      ;;
    unit) cat "$originals/$2" >>"$own/units" ;;
  esac
}

refuse() { # PATH: a directory may hold data, so nothing else replaces it, and it replaces nothing else
  local copy
  copy=$(slot "$new" "$1")
  if is_directory "$1" && ! is_directory "$copy"; then fail "$1 is a directory and may hold data: move it to another place"; fi
  if is_directory "$copy" && exists "$1" && ! is_directory "$1"; then fail "$1 is not a directory: move it to another place"; fi
}

stage() {
  local shared
  mkdir -p "$originals" "$own"
  rm -rf "${new:?}" "$layer" "$own/undo.new"
  mkdir "$new"
  touch "$own/taken"
  cat >"$own/payload"
  shared=$(fields "$own" sharing)
  adopt
  for list in taken.new paths units released changed; do : >"$own/$list"; done
  while IFS=$'\t' read -r kind name rest; do
    if [ -n "$shared" ]; then want "$kind" "$name" "$rest"; fi
    case $kind in
      unit) IFS=$'\t' read -r -a words <<<"$rest" && stage_unit "$name" "${words[@]}" ;;
      sharing | adopt | validate | activate | in-force) ;;
      *) IFS=$'\t' read -r -a words <<<"$rest" && stage_entry "$kind" "$name" "${words[@]}" ;;
    esac
  done <"$own/payload"
  while IFS= read -r path; do refuse "$path"; done <"$own/paths"
  refuse_others
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

in_force() { # every command succeeds: the services do what the files say
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

# shellcheck disable=SC2317,SC2329 # run_each calls it
activate_by() { bash -c "$1"; }

# The new /etc over the live one, in a mount namespace of its own. The overlay hides what is mounted below /etc, such as
# /etc/letsencrypt on a volume of its own, so each of these mounts is mounted again, through an open descriptor of the live
# /etc. `mount` would replace the descriptor by the text "/etc", which is the overlay by then. LAYER COMMAND
# shellcheck disable=SC2016 # the inner shell expands its own arguments
over_etc='
  exec 8</etc
  mapfile -t mounts < <(sed -n "s|^[^ ]* [^ ]* [^ ]* [^ ]* /etc/\([^ ]*\) .*|\1|p" /proc/self/mountinfo)
  mount -t overlay overlay -o "lowerdir=$1:/etc" /etc
  for name in "${mounts[@]}"; do
    name=$(printf %b "$name") # a blank is written as \040
    live=/proc/self/fd/8/$name
    if [ -d "$1/$name" ]; then mount -t overlay overlay -o "lowerdir=$1/$name:$live" "/etc/$name"; else mount --no-canonicalize --bind "$live" "/etc/$name"; fi
  done
  exec bash -c "$2" 8<&-'

# shellcheck disable=SC2317,SC2329 # run_each calls it
validate_by() { unshare --mount bash -euc "$over_etc" - "$layer/etc" "$1"; }

empty_layer() { rm -rf "$layer" && (umask 022 && mkdir -p "$layer/etc"); }

layer() { # the changes under /etc as an overlay: a removal is a character device 0 0
  empty_layer
  while IFS= read -r path; do
    if [[ $path != /etc/* ]] || ! (umask 022 && mkdir -p "$(dirname "$layer$path")" 2>/dev/null); then continue; fi
    copy "$(slot "$new" "$path")" "$layer$path"
    exists "$layer$path" || is_directory "$path" || mknod "$layer$path" c 0 0
  done <"$own/changed"
}

others_payloads() { # the last payloads of the other sets that share a validator with this one
  grep -slxF "$(grep '^validate' "$own/payload")" "$home"/sets/*/applied | grep -vxF "$own/applied" | xargs -r cat
}

# A validator reads the files of all sets that share it. If two of these sets were edited by hand and are invalid, neither
# could be repaired alone. So this adds the files of the other sets, as their own sets last applied them.
add_other_sets() {
  local before kind path mode owner rest
  before=$(cat "$own/changed")
  while IFS=$'\t' read -r kind path mode owner rest; do
    if grep -qxF "path $path" "$own/taken.new" || ! trust plan "$(parent "$path")"; then continue; fi
    make_new "$kind" "$path" "$mode" "$owner" "$rest"
    refuse "$path"
  done < <(others_payloads | grep -P '^(file|json-file|link|absent|directory)\t' | sort -u -t $'\t' -k 2,2)
  compare
  [ "$before" != "$(cat "$own/changed")" ]
}

is_deletion() { [ ! -s "$own/taken.new" ]; }

# A set can always be deleted. If the validator refuses the present state too, because its program or other files are
# gone, the deletion makes nothing worse.
is_invalid_already() {
  is_deletion || return 1
  empty_layer
  ! (run_each validate) >/dev/null 2>&1
}

validate() {
  local words
  layer
  if words=$(run_each validate 2>&1); then return 0; fi
  if is_invalid_already; then invalid_already=yes && return 0; fi
  add_other_sets || fail "$words"
  layer
  run_each validate
}

activate() {
  if [ ! -s "$own/changed" ] && in_force; then return 0; fi
  if [ -n "$invalid_already" ]; then (run_each activate) >/dev/null 2>&1 || true; else run_each activate; fi
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
  local line
  rm -f "$own/wanted"
  for line in "${!wanted[@]}"; do printf '%s %s\n' "${wanted[$line]}" "$line" >>"$own/wanted"; done
  printf '%s\n' "$owner" >"$own/owner"
  mv "$own/taken.new" "$own/taken"
  at close
  if [ -d "$own/undo" ]; then mv "$own/undo" "$own/done"; fi
  if grep -q '^validate' "$own/payload"; then mv "$own/payload" "$own/applied"; else rm -f "$own/applied"; fi
  while IFS= read -r original; do rm -rf "$original"; done <"$own/released"
}

finish() {
  local code=$?
  if [ "$code" != 0 ] && [ -d "$own/undo" ]; then revert "$own"; fi
  rm -rf "$new" "$layer" "$own/undo.new" "$own/done" "$own"/{payload,known,taken.new,paths,units,released,changed}
  if [ ! -s "$own/taken" ]; then rm -rf "$own"; fi
}

mkdir -p "$home/sets"
exec 9>>"$home/lock"
flock -w 60 9 || fail "another set is being applied on this host"
for other in "$home"/sets/*/; do if [ -d "$other/undo" ]; then revert "${other%/}"; fi; done
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
  activate
  at start
  # A deletion also ends when a unit of before cannot start, for example because its package was removed.
  if is_deletion; then start_units "$own/units" || true; else start_units "$own/units"; fi
  in_force || fail "a service does not use the new files, so the old ones were restored. This check failed: $(fields "$own" in-force)"
fi
at commit
commit
