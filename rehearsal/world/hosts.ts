import { join } from "node:path";
import { repositoryRoot } from "../../repository";
import type { ImageKind } from "./images";

/** Kinds of server that a world can have. The first one is the usual one. */
export const hostKinds = [
  "debian-12",
  "fresh-12",
  "debian-13",
  "sudo-user",
  "sudo-user-13",
  "used",
  "ufw",
  "firewalld",
] as const;

export type HostKind = (typeof hostKinds)[number];

interface HostProperties {
  /** The image that it boots. A `vps-fresh` has none of the packages that the program installs. */
  readonly image: ImageKind;
  /** The login that the program uses. */
  readonly user: "root" | "deploy";
  /** Script of `rehearsal/world/hosts/` that makes the server, once it has booted for the first time. */
  readonly script?: string;
}

const properties: Readonly<Record<HostKind, HostProperties>> = {
  "debian-12": { image: "vps", user: "root" },
  "fresh-12": { image: "vps-fresh-12", user: "root" },
  "debian-13": { image: "vps-fresh-13", user: "root" },
  "sudo-user": { image: "vps", user: "deploy", script: "sudo-user.sh" },
  "sudo-user-13": { image: "vps-fresh-13", user: "deploy", script: "sudo-user.sh" },
  ufw: { image: "vps", user: "root", script: "ufw.sh" },
  firewalld: { image: "vps", user: "root", script: "firewalld.sh" },
  used: { image: "vps", user: "root", script: "used.sh" },
};

/** The image of a kind of server. */
export const imageFor = (kind: HostKind): ImageKind => properties[kind].image;

/** The login of a kind of server. */
export const loginOf = (kind: HostKind): HostProperties["user"] => properties[kind].user;

/** Path of the script that makes a kind of server from the usual one; undefined when nothing is to do. */
export function hostScript(kind: HostKind): string | undefined {
  const { script } = properties[kind];
  return script === undefined ? undefined : join(repositoryRoot, "rehearsal/world/hosts", script);
}
