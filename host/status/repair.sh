#!/usr/bin/env bash
# Repairs what is safe to repair: starts Docker, nginx, the socket of the active release, and our failed units and timers.
# A unit that runs is left alone. Prints one line for each action.   repair.sh APP
set -euo pipefail
app=$1

is_active() { systemctl is-active --quiet "$1"; }

restart() { # UNIT
  systemctl reset-failed "$1" 2>/dev/null || true
  if systemctl restart "$1" 2>/dev/null; then echo "restarted $1"; else echo "could not restart $1: journalctl -u $1"; fi
}

repair_nginx() {
  if is_active nginx.service; then return; fi
  if nginx -t 2>/dev/null; then restart nginx.service; else echo 'did not start nginx: its configuration is not valid: nginx -t'; fi
}

repair_socket() { # a socket that listens starts its proxy by itself, unless the proxy has failed
  local release
  release=$(basename "$(readlink "/var/lib/$app/current.sock" 2>/dev/null || true)" .sock)
  [ -n "$release" ] || return 0
  if ! is_active "$app-release@$release.socket" || systemctl is-failed --quiet "$app-release@$release.service"; then
    systemctl reset-failed "$app-release@$release.service" 2>/dev/null || true
    restart "$app-release@$release.socket"
  fi
}

repair_timers() {
  systemctl list-unit-files --state=enabled --plain --no-legend "$app-*.timer" | awk '{ print $1 }' | while read -r timer; do
    is_active "$timer" || restart "$timer"
  done
}

# A failed backup or drill is not repeated: it may take hours, and its timer tries again.
repair_failed() {
  systemctl list-units --failed --plain --no-legend "$app-*" vps-firewall.service | awk '{ print $1 }' | grep -v -- -backup | while read -r unit; do
    restart "$unit"
  done || true
}

is_active docker.service || restart docker.service
repair_socket
repair_nginx
repair_timers
repair_failed
