import { z } from "zod";
import { deploymentSchema } from "../rollout/deployment";

const factsSchema = z.object({
  /** ID and VERSION_ID of /etc/os-release. */
  os: z.string(),
  version: z.string(),
  /** Name of process 1. */
  init: z.string(),
  docker: z.enum(["installed", "missing"]),
  /** Groups of the user who logged in. */
  groups: z.string().transform((names) => names.split(" ")),
  /** Free space, MiB, and the file system that has least of it, of those that carry releases, data and backups. */
  free_mb: z.coerce.number(),
  fullest: z.string(),
  /** Process that listens on the port; empty when none does. */
  port80: z.string(),
  port443: z.string(),
  /** The newest of the app, oldest first. */
  deployments: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(deploymentSchema)),
});

/** What `preflight.sh` finds on a host. */
export type Facts = z.output<typeof factsSchema>;

/** Parses `name=value` lines. */
export const parseFacts = (text: string): Facts =>
  factsSchema.parse(
    Object.fromEntries(
      text
        .trim()
        .split("\n")
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    ),
  );

const supported = ["debian", "ubuntu"];
/** An image, its successor and a backup's staging fit. */
const neededMb = 2048;

const portProblem = (port: number, process: string): string[] =>
  process && process !== "nginx"
    ? [
        `port ${port} is taken by ${process}: stop and disable it (systemctl disable --now ${process}), nginx needs the port`,
      ]
    : [];

/** What stands in the way on a host, each with what to do. None: empty. */
export function hostProblems(facts: Facts, user: string): string[] {
  const { os, version, init, docker, groups, free_mb: freeMb, fullest } = facts;
  return [
    ...(supported.includes(os)
      ? []
      : [`the host runs ${os} ${version}: Debian or Ubuntu is needed; reinstall it with one of them`]),
    ...(init === "systemd"
      ? []
      : [`process 1 is ${init}, not systemd: a container or another init cannot carry the site's units`]),
    ...(user === "root" || groups.includes("docker") || docker === "missing"
      ? []
      : [`${user} is not in the docker group: run \`sudo usermod -aG docker ${user}\` on the host`]),
    ...(freeMb >= neededMb
      ? []
      : [
          `${freeMb} MB are free on ${fullest}, ${neededMb} are needed: \`du -xh ${fullest} | sort -h | tail\` shows what takes them`,
        ]),
    ...portProblem(80, facts.port80),
    ...portProblem(443, facts.port443),
  ];
}
