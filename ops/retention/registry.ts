import { z } from "zod";
import type { Children } from "./plan";

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
  const response = await fetch(`${registry}/v2/${name}/manifests/${digest}`, {
    // GHCR accepts a GitHub token in base64 as a bearer token.
    headers: { accept: accepted, ...(token && { authorization: `Bearer ${Buffer.from(token).toString("base64")}` }) },
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  if (!response.ok) throw new Error(`reading ${name}@${digest} from ${registry}: HTTP ${response.status}`);
  return manifest.parse(await response.json());
}

/**
 * The manifests that each of these manifests refers to.
 * @throws Error when one cannot be read. All parts of an image must be known before anything is deleted.
 */
export async function readChildren(repository: Repository, digests: readonly string[]): Promise<Children> {
  const children: Record<string, string[]> = {};
  for (const digest of digests) {
    const { manifests, subject } = await read(repository, digest);
    children[digest] = [...(children[digest] ?? []), ...manifests.map((child) => child.digest)];
    if (subject) children[subject.digest] = [...(children[subject.digest] ?? []), digest];
  }
  return children;
}
