#!/bin/sh
# certbot runs this after a renewal. A failing hook does not fail the renewal, so it says why on standard error.
set -eu
nginx -q -t
systemctl reload nginx.service
