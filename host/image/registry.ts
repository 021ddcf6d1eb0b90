import { z } from "zod";
import { connectionSchema } from "../connection";
import type { ImageFacts } from "./image-facts";

/** An image in a registry, and a login for it. */
export const imageReferenceSchema = z.object({
  /** The server, as for every function of the plugin. This one does not connect to it. */
  connection: connectionSchema,
  /** Repository without a tag, such as `ghcr.io/owner/app`. */
  repository: z.string(),
  /** `sha256:...` */
  digest: z.string(),
  /** Address of a registry without TLS. */
  registry: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
});

type ImageReference = Omit<z.output<typeof imageReferenceSchema>, "connection">;

const timeoutMilliseconds = 10_000;

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const platformSchema = z.object({ os: z.string(), architecture: z.string() });
const indexSchema = z.object({ manifests: z.array(z.object({ digest: z.string(), platform: platformSchema })) });
const manifestSchema = z.object({ config: z.object({ digest: z.string() }) });
const configSchema = platformSchema.extend({
  config: z
    .object({
      User: z.string().default(""),
      Env: z.array(z.string()).nullish(),
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
      Volumes: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
});
const tagsSchema = z.object({ tags: z.array(z.string()).nullish() });
const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** Where a repository is, and its name there. Docker Hub has another address than its name says. */
export function locate({ repository, registry }: Pick<ImageReference, "repository" | "registry">) {
  const [first = "", ...rest] = repository.split("/");
  const hasHost = /[.:]|^localhost$/.test(first);
  const host = hasHost ? first : "docker.io";
  const name = hasHost ? rest.join("/") : repository;
  const address = host === "docker.io" ? "https://registry-1.docker.io" : `https://${host}`;
  return { address: (registry ?? address).replace(/\/$/, ""), name };
}

const basic = ({ username, password }: ImageReference): string | undefined =>
  username === undefined ? undefined : `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;

async function get(url: string, authorization: string | undefined): Promise<Response> {
  const headers = { accept: manifestTypes, ...(authorization !== undefined && { authorization }) };
  return fetch(url, { headers, signal: AbortSignal.timeout(timeoutMilliseconds) });
}

/** A request that the registry refused. */
export class RegistryRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "RegistryRefusal";
  }
}

async function jsonOf(response: Response, url: string): Promise<unknown> {
  if (!response.ok) throw new RegistryRefusal(response.status, `GET ${url}: ${response.status} ${response.statusText}`);
  return response.json();
}

/** The parts of `Bearer realm="...",service="..."`. */
const challengeParts = (challenge: string): Record<string, string> =>
  Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]));

/** The header that the registry asks for: its own token, or the login itself. */
async function authorizationFor(challenge: string, image: ImageReference): Promise<string | undefined> {
  if (!/^bearer /i.test(challenge)) return basic(image);
  const { realm = "", ...parts } = challengeParts(challenge);
  const url = `${realm}?${new URLSearchParams(parts).toString()}`;
  const answer = tokenSchema.parse(await jsonOf(await get(url, basic(image)), realm));
  return `Bearer ${answer.token ?? answer.access_token ?? ""}`;
}

type Read = (path: string) => Promise<unknown>;

/** Reads below the repository, after one question whether the registry wants a login. */
async function reader(image: ImageReference, firstPath: string): Promise<Read> {
  const { address, name } = locate(image);
  const base = `${address}/v2/${name}`;
  const first = await get(`${base}/${firstPath}`, undefined);
  const challenge = first.status === 401 ? (first.headers.get("www-authenticate") ?? "") : undefined;
  const authorization = challenge === undefined ? undefined : await authorizationFor(challenge, image);
  return async (path) => jsonOf(await get(`${base}/${path}`, authorization), `${base}/${path}`);
}

type ImageConfig = z.output<typeof configSchema>;

async function configOf(read: Read, manifest: unknown): Promise<ImageConfig> {
  const { digest } = manifestSchema.parse(manifest).config;
  return configSchema.parse(await read(`blobs/${digest}`));
}

function factsOf({ os, architecture, config }: ImageConfig): ImageFacts {
  const env = (config?.Env ?? []).map((line): [string, string] => {
    const at = line.indexOf("=");
    return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
  });
  return { platform: `${os}/${architecture}`, user: config?.User ?? "", environment: Object.fromEntries(env) };
}

async function readConfigs(image: ImageReference): Promise<ImageConfig[]> {
  const path = `manifests/${image.digest}`;
  const read = await reader(image, path);
  const manifest = await read(path);
  const index = indexSchema.safeParse(manifest).data;
  if (index === undefined) return [await configOf(read, manifest)];
  const platforms = index.manifests.filter(({ platform }) => platform.os !== "unknown");
  return Promise.all(platforms.map(async ({ digest }) => configOf(read, await read(`manifests/${digest}`))));
}

/**
 * An image's configuration, once for each of its platforms. Entries of an index without a platform, such as attestations,
 * are left out.
 * @throws Error with the address and the registry's answer.
 */
export const readImage = async (image: ImageReference): Promise<ImageFacts[]> =>
  (await readConfigs(image)).map(factsOf);

/** An image by its tag, with the settings that answer questions about the app. */
export interface TaggedImage {
  readonly images: readonly ImageFacts[];
  /** Ports of EXPOSE with TCP. */
  readonly ports: readonly number[];
  /** Directories of VOLUME. */
  readonly volumes: readonly string[];
}

const tcpPorts = (config: ImageConfig["config"]): number[] =>
  Object.keys(config?.ExposedPorts ?? {}).flatMap((text) =>
    /^\d+(\/tcp)?$/.test(text) ? [Number.parseInt(text, 10)] : [],
  );

/** @throws RegistryRefusal with the status of a refused request, or Error when the registry does not answer. */
export async function readTaggedImage({ tag, ...image }: TagReference): Promise<TaggedImage> {
  const configs = await readConfigs({ ...image, digest: tag });
  const [first] = configs;
  const volumes = Object.keys(first?.config?.Volumes ?? {});
  return { images: configs.map(factsOf), ports: tcpPorts(first?.config), volumes };
}

/** An image tag in a registry, and a login for it. */
export type TagReference = Omit<ImageReference, "digest"> & { readonly tag: string };

/** The tags of a repository, as the registry orders them. @throws like `readTaggedImage`. */
export async function readTags(image: Omit<TagReference, "tag">): Promise<readonly string[]> {
  const read = await reader({ ...image, digest: "" }, "tags/list");
  return tagsSchema.parse(await read("tags/list")).tags ?? [];
}
