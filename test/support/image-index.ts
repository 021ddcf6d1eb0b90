import { createHash } from "node:crypto";

/** The pushed image: an index and all its manifests, by digest. */
export interface PushedIndex {
  readonly digest: string;
  readonly parts: readonly string[];
}

const digestOf = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const manifestType = "application/vnd.oci.image.manifest.v1+json";
const indexType = "application/vnd.oci.image.index.v1+json";

async function pushBlob(repository: string, text: string): Promise<object> {
  const started = await fetch(`${repository}/blobs/uploads/`, { method: "POST" });
  const location = new URL(started.headers.get("location") ?? "", repository);
  location.searchParams.set("digest", digestOf(text));
  const put = await fetch(location, { method: "PUT", body: text });
  if (put.status !== 201) throw new Error(`pushing a blob to ${repository}: HTTP ${put.status}`);
  return { digest: digestOf(text), size: text.length };
}

async function pushManifest(repository: string, reference: string | undefined, mediaType: string, content: object) {
  const text = JSON.stringify({ schemaVersion: 2, mediaType, ...content });
  const put = await fetch(`${repository}/manifests/${reference ?? digestOf(text)}`, {
    method: "PUT",
    headers: { "content-type": mediaType },
    body: text,
  });
  if (put.status !== 201) throw new Error(`pushing a manifest to ${repository}: HTTP ${put.status}`);
  return { mediaType, digest: digestOf(text), size: text.length };
}

async function pushImage(repository: string, name: string) {
  const config = {
    mediaType: "application/vnd.oci.image.config.v1+json",
    ...(await pushBlob(repository, `{"a":"${name}"}`)),
  };
  const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar", ...(await pushBlob(repository, name)) };
  return pushManifest(repository, undefined, manifestType, { config, layers: [layer] });
}

/**
 * Pushes a tag as buildx does: an index with an image for each of two architectures, and an attestation for each.
 * @param repository `http://<registry>/v2/<name>`
 */
export async function pushIndex(repository: string, tag: string): Promise<PushedIndex> {
  const manifests: { digest: string }[] = [];
  for (const architecture of ["amd64", "arm64"]) {
    const image = await pushImage(repository, `${tag}-${architecture}`);
    const attestation = await pushImage(repository, `${tag}-${architecture}-attestation`);
    const annotations = {
      "vnd.docker.reference.digest": image.digest,
      "vnd.docker.reference.type": "attestation-manifest",
    };
    manifests.push({ ...image, platform: { os: "linux", architecture } } as { digest: string });
    manifests.push({ ...attestation, platform: { os: "unknown", architecture: "unknown" }, annotations } as {
      digest: string;
    });
  }
  const { digest } = await pushManifest(repository, tag, indexType, { manifests });
  return { digest, parts: manifests.map((manifest) => manifest.digest) };
}

/** Whether a manifest and all its blobs can be pulled by digest. */
export async function isPullable(repository: string, digest: string): Promise<boolean> {
  const answer = await fetch(`${repository}/manifests/${digest}`, {
    headers: { accept: `${indexType}, ${manifestType}` },
  });
  if (!answer.ok) return false;
  const text = await answer.text();
  if (digestOf(text) !== digest) return false;
  const { config, layers = [] } = JSON.parse(text) as { config?: { digest: string }; layers?: { digest: string }[] };
  const blobs = [...(config ? [config] : []), ...layers];
  const found = await Promise.all(blobs.map((blob) => fetch(`${repository}/blobs/${blob.digest}`)));
  return found.every(({ ok }) => ok);
}
