#!/usr/bin/env bash
# A server that others use: sites in nginx, one with a certificate, a container with a port, settings of Docker, a service
# with a port, and ufw.
set -euo pipefail
dpkg --install /var/lib/rehearsal-packages/*.deb >/dev/null 2>&1

printf '{\n  "max-concurrent-downloads": 2,\n\t"default-ulimits": {}\n}\n' >/etc/docker/daemon.json
systemctl restart docker.service
# A container needs no more than one program and its files.
mkdir -p /srv/shop /srv/game
echo 'the shop in a container' >/srv/shop/index.html
echo 'the game' >/srv/game/index.html
tar --create --dereference --directory / bin/busybox srv/shop |
  docker import --change 'CMD ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/srv/shop"]' - shop:1 >/dev/null
docker run --detach --name shop --restart unless-stopped --publish 8080:8080 shop:1 >/dev/null

printf '[Service]\nExecStart=/bin/busybox httpd -f -p 9000 -h /srv/game\n[Install]\nWantedBy=multi-user.target\n' \
  >/etc/systemd/system/game.service
systemctl enable --quiet --now game.service

printf 'server { listen 80; server_name shop.test; location / { return 200 "the shop\\n"; } }\n' >/etc/nginx/conf.d/shop.conf
mkdir -p /var/www/blog
cat >/etc/nginx/sites-available/blog <<'END'
server {
    listen 80;
    server_name blog.test;
    location /.well-known/acme-challenge/ { root /var/www/blog; }
    location / { return 200 "the blog\n"; }
}
END
ln -s ../sites-available/blog /etc/nginx/sites-enabled/blog
systemctl reload-or-restart nginx.service
certbot certonly --quiet --non-interactive --agree-tos --register-unsafely-without-email \
  --server https://acme.rehearsal.internal:14000/dir --webroot --webroot-path /var/www/blog --domain blog.test \
  --deploy-hook 'systemctl reload nginx'
cat >>/etc/nginx/sites-available/blog <<'END'
server {
    listen 443 ssl;
    server_name blog.test;
    ssl_certificate /etc/letsencrypt/live/blog.test/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/blog.test/privkey.pem;
    location / { return 200 "the blog\n"; }
}
END
systemctl reload nginx.service

for port in 22 80 443 8080 9000; do ufw allow "$port/tcp" >/dev/null; done
ufw --force enable >/dev/null
# As after a boot.
systemctl start ufw.service
