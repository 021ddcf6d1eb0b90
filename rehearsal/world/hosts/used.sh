#!/usr/bin/env bash
# A server that others use: a site in nginx, a container with a port, settings of Docker, a certificate, an allowed port.
set -euo pipefail
printf '{\n  "max-concurrent-downloads": 2,\n\t"default-ulimits": {}\n}\n' >/etc/docker/daemon.json
systemctl restart docker.service
# A container needs no more than one program and its libraries.
tar --create --dereference --directory / bin/sleep lib64/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/libc.so.6 |
  docker import --change 'CMD ["/bin/sleep", "infinity"]' - shop:1 >/dev/null
docker run --detach --name shop --restart unless-stopped --publish 8080:8080 shop:1 >/dev/null
printf 'server { listen 80; server_name blog.test; location / { return 200 "the blog\\n"; } }\n' >/etc/nginx/sites-available/blog
ln -s ../sites-available/blog /etc/nginx/sites-enabled/blog
printf 'server { listen 80; server_name shop.test; location / { return 200 "the shop\\n"; } }\n' >/etc/nginx/conf.d/shop.conf
systemctl reload-or-restart nginx.service
