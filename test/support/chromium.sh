#!/bin/sh
# Prints where a Chromium is; installs Debian's when it is missing.
set -eu
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name"; then exit; fi
done
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "no Chromium is installed: install it (Debian: apt install chromium; macOS: put Chrome's program on PATH as google-chrome)" >&2
  exit 1
fi
(apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium) >&2
command -v chromium
