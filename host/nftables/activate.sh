#!/usr/bin/env bash
# Loads the firewall, in one step. Where its unit has gone, it went with its rules.
set -euo pipefail
systemctl daemon-reload
if systemctl cat vps-firewall.service >/dev/null 2>&1; then systemctl reload-or-restart vps-firewall.service; fi
