#!/bin/sh
# Reloads nginx without a lost request. Workers that end reset connections that are kept alive, under the hands of whoever
# sends on them just then. So first every answer ends its connection (site.conf), for as long as an idle one may live.
# certbot runs this after a renewal, too.
set -eu
kept_alive_seconds=15
closing=/run/nginx-closing

connections() { ss --no-header --numeric --tcp state established '( sport = :443 or sport = :80 )'; }

nginx -q -t
if ! systemctl is-active --quiet nginx.service; then exec systemctl start nginx.service; fi
exec 9>>/run/nginx-reload.lock
flock --wait 120 9
trap 'rm -f "$closing"' EXIT
touch "$closing"
end=$(($(date +%s) + kept_alive_seconds + 2))
while [ -n "$(connections)" ] && [ "$(date +%s)" -lt "$end" ]; do sleep 0.5; done
systemctl reload nginx.service
# Until the old workers have stopped to listen.
sleep 0.5
