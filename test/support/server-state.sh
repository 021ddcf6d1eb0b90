# Prints the state of a server, one line for each part: files, units, firewall, Docker. Two lists can be compared.
set -eu
folders='/etc /usr/local /root /home /srv'
# shellcheck disable=SC2086 # a list of words
find $folders -xdev -printf 'path %p %y %m %u:%g %l\n'
# shellcheck disable=SC2086
find $folders -xdev -type f -exec sha256sum {} + | awk '{ print "content", $2, $1 }'
systemctl list-unit-files --no-legend --no-pager | awk '$2 != "transient" { print "unit", $1, $2 }'
systemctl list-units --type=service,socket,timer,path --state=active --plain --no-legend --no-pager |
  awk '$1 !~ /^(user@|user-runtime-dir@|rehearsal-forward@|systemd-)/ { print "active", $1 }'
# 127.0.0.11 is the DNS of the container that is the server; its ports change at each start.
if command -v nft >/dev/null; then nft --stateless list ruleset | grep --fixed-strings --invert-match 127.0.0.11 | sed 's/^/nft /'; fi
if command -v docker >/dev/null; then
  docker ps --all --no-trunc --format 'container {{.ID}} {{.Names}} {{.State}}'
  docker network ls --format 'network {{.Name}}'
  docker image ls --no-trunc --format 'image {{.Repository}}:{{.Tag}} {{.ID}}'
  docker volume ls --format 'volume {{.Name}}'
  docker info --format 'docker {{.LoggingDriver}} {{.LiveRestoreEnabled}} {{.DockerRootDir}}'
fi
