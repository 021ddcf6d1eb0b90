import type { Inventory } from "../inventory";
import { problem, unless, type Expectations, type Problem } from "./problem";

function atLeast(version: string, wanted: readonly number[]): boolean {
  const parts = version.split(".").map(Number);
  const differing = wanted.findIndex((number, index) => number !== (parts[index] ?? 0));
  return differing === -1 || (parts[differing] ?? 0) > (wanted[differing] ?? 0);
}

/** Oldest release of each system whose nginx and OpenSSH know the settings that this program writes. */
const oldestSystems: Readonly<Record<string, string>> = { debian: "12", ubuntu: "24.04" };

/** `keepalive_time` came with nginx 1.19.10 (nginx.org, CHANGES). */
const oldestNginx = [1, 19, 10] as const;

function isSupported({ id, version }: Inventory["os"]): boolean {
  const oldest = oldestSystems[id];
  return oldest !== undefined && atLeast(version, oldest.split(".").map(Number));
}

export function systemProblems({ os, nginx, ipv6 }: Inventory): Problem[] {
  const newerNginx = nginx.version !== "" && atLeast(nginx.version, oldestNginx);
  const isKnown = os.id in oldestSystems;
  return [
    ...unless(
      isSupported(os) || (isKnown && newerNginx),
      `the server runs ${os.id} ${os.version}; Debian 12 or newer, or Ubuntu 24.04 or newer, is needed`,
      "reinstall the server with one of them",
      ...(os.id === "ubuntu" ? ["or install nginx 1.19.10 or newer from nginx.org's repository"] : []),
    ),
    ...unless(
      ["x86_64", "aarch64"].includes(os.architecture),
      `the processor is ${os.architecture}; x86_64 or aarch64 is needed`,
      "rent a server with one of them",
    ),
    ...unless(
      os.init === "systemd",
      `process 1 is ${os.init}, not systemd, which runs the site's units`,
      "use a virtual machine instead of a container",
    ),
    ...unless(
      nginx.version === "" || newerNginx,
      `nginx ${nginx.version} is installed; ${oldestNginx.join(".")} or newer is needed`,
      "update nginx, or reinstall the server with Debian 12 or newer",
    ),
    ...unless(
      ipv6.inKernel,
      "the kernel has IPv6 switched off, and nginx is told to listen on [::]",
      "remove ipv6.disable=1 from the kernel's command line and restart the server",
    ),
  ];
}

const skewSeconds = 300;

export function clockProblems({ clock }: Inventory, { now }: Expectations): Problem[] {
  const skew = Math.round(clock.seconds - now / 1000);
  return unless(
    Math.abs(skew) < skewSeconds,
    `the server's clock is ${Math.abs(skew)} s ${skew > 0 ? "ahead of" : "behind"} this machine's; certificates would be refused`,
    "set both clocks: timedatectl set-ntp true",
  );
}

/** An image, its successor and a backup's staging fit. */
const neededMb = 2048;

/** The file system with the least space, of those that carry releases, data and backups. */
export function diskProblems({ disk }: Inventory): Problem[] {
  const [fullest] = disk.toSorted((a, b) => a.freeMb - b.freeMb);
  if (fullest === undefined || fullest.freeMb >= neededMb) return [];
  const { mount, freeMb } = fullest;
  return [
    problem(
      `${freeMb} MB are free on ${mount}, ${neededMb} are needed`,
      `du -xh ${mount} | sort -h | tail   shows what takes them`,
    ),
  ];
}

export const memoryProblems = ({ memory }: Inventory, { memoryMb }: Expectations): Problem[] =>
  unless(
    memory.totalMb >= memoryMb,
    `the server has ${memory.totalMb} MB of memory; the app alone may use ${memoryMb} MB`,
    "pulumi config set --path app.memoryMb <less>",
    "or rent a larger server",
  );
