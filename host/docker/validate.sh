#!/usr/bin/env bash
# Whether Docker would take /etc/docker/daemon.json. Debian 12's dockerd cannot be asked: there only the form is checked, and
# activation goes back when Docker does not start with it.
set -euo pipefail
file=/etc/docker/daemon.json
jq empty "$file"
if dockerd --help | grep --quiet -- --validate; then dockerd --validate --config-file "$file"; fi
