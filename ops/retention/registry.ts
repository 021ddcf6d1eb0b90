import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { patiently } from "../../github/refused-call";
import type { Children, Unreadable } from "./plan";

const timeoutMilliseconds = 30_000;
const accepted = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const manifest = z.object({
  manifests: z.array(z.object({ digest: z.string() })).default([]),
  /** An attestation outside of an index names its image in `subject`. */
  subject: z.object({ digest: z.string() }).optional(),
});

/** An image repository of a registry, read over HTTP. */
export interface Repository {
  /** `https://ghcr.io`, or a registry on loopback. */
  readonly registry: string;
  /** `<owner>/<name>` */
  readonly name: string;
  readonly token?: string | undefined;
}

/** Splits `ghcr.io/owner/name`. A registry on loopback has no TLS. */
export function parseRepository(reference: string): Omit<Repository, "token"> {
  const [host = "", ...path] = reference.split("/");
  const scheme = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host) ? "http" : "https";
  return { registry: `${scheme}://${host}`, name: path.join("/") };
}

async function read({ registry, name, token }: Repository, digest: string) {
  const ask = (): Promise<Response> =>
    fetch(`${registry}/v2/${name}/manifests/${digest}`, {
      // GHCR accepts a GitHub token in base64 as a bearer token.
      headers: { accept: accepted, ...(token && { authorization: `Bearer ${Buffer.from(token).toString("base64")}` }) },
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
  const response = await patiently(ask, sleep);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return manifest.parse(await response.json());
}

/** The manifests of a repository, as far as they can be read. */
export interface Manifests {
  readonly children: Children;
  readonly unreadable: Unreadable;
}

/** A registry with more unreadable manifests has another problem, so nothing can be judged. */
const mostUnreadable = 3;

function assertFew(repository: Repository, unreadable: Unreadable): void {
  const [first] = Object.entries(unreadable);
  if (first === undefined || Object.keys(unreadable).length <= mostUnreadable) return;
  const [digest, cause] = first;
  throw new Error(
    `more than ${mostUnreadable} manifests cannot be read from ${repository.registry}, such as ${repository.name}@${digest}: ${cause}`,
  );
}

/**
 * The manifests that each of these manifests refers to, and those that cannot be read.
 * @throws Error when more than a few cannot be read.
 */
export async function readManifests(repository: Repository, digests: readonly string[]): Promise<Manifests> {
  const children: Record<string, string[]> = {};
  const unreadable: Record<string, string> = {};
  for (const digest of digests) {
    try {
      const { manifests, subject } = await read(repository, digest);
      children[digest] = [...(children[digest] ?? []), ...manifests.map((child) => child.digest)];
      if (subject) children[subject.digest] = [...(children[subject.digest] ?? []), digest];
    } catch (error) {
      unreadable[digest] = error instanceof Error ? error.message : String(error);
      assertFew(repository, unreadable);
    }
  }
  return { children, unreadable };
}
