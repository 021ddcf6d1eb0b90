import { createHash } from "node:crypto";
import { flag, text, type Properties } from "../value";
import { oneError } from "../bridge/one-error";
import { registryOf, type ImageReference } from "./image-name";
import type { DockerHost, RegistryLogin } from "./provider-config";

const requestMilliseconds = 30_000;

const manifestTypes = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
].join(", ");

/** `docker.getRegistryImage`: asks the registry itself, from where the engine runs, for the digest behind a tag. */
export const getRegistryImage =
  (host: DockerHost): ((args: Properties) => Promise<Properties>) =>
  async (args) => {
    const name = text(args, "name");
    const image = registryOf(name);
    const digest = await digestOf(image, host.login(image.registry));
    return { id: digest, insecureSkipVerify: flag(args, "insecureSkipVerify"), name, sha256Digest: digest };
  };

async function digestOf(image: ImageReference, login: RegistryLogin | undefined): Promise<string> {
  try {
    return await ask(image, login);
  } catch (error) {
    const what = `${image.repository}:${image.reference}`;
    const { message } = oneError(
      `Got error when attempting to fetch image version ${what} from registry: ${(error as Error).message}`,
    );
    throw new Error(`invoking docker:index/getRegistryImage:getRegistryImage: ${message}`, { cause: error });
  }
}

async function ask(
  { registry, repository, reference }: ImageReference,
  login: RegistryLogin | undefined,
): Promise<string> {
  const url = `${login?.address ?? `https://${registry}`}/v2/${repository}/manifests/${reference}`;
  const first = await request("HEAD", url, firstAuthorization(registry, login));
  if (first.status !== 401) return digestIn(first);
  const token = await bearerToken(first, login, repository);
  return digestIn(await request("HEAD", url, `Bearer ${token}`));
}

/** GitHub's registry takes no basic authentication: what it answers to this sends us for a token. */
function firstAuthorization(registry: string, login: RegistryLogin | undefined): string | undefined {
  if (login === undefined || login.username === "") return undefined;
  if (registry === "ghcr.io") return `Bearer ${Buffer.from(login.password).toString("base64")}`;
  return basic(login);
}

const basic = ({ username, password }: RegistryLogin): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

async function request(method: string, url: string, authorization: string | undefined): Promise<Response> {
  const headers = { Accept: manifestTypes, ...(authorization === undefined ? {} : { Authorization: authorization }) };
  const signal = AbortSignal.timeout(requestMilliseconds);
  try {
    return await fetch(url, { method, headers, signal });
  } catch (error) {
    const { cause, message } = error as Error;
    throw new Error(
      `Error during registry request: ${method} "${url}": ${(cause as Error | undefined)?.message ?? message}`,
      {
        cause: error,
      },
    );
  }
}

async function digestIn(response: Response): Promise<string> {
  if (response.status !== 200) throw badResponse(response);
  const digest = response.headers.get("docker-content-digest");
  if (digest !== null) return digest;
  const body = Buffer.from(await response.arrayBuffer());
  if (body.length === 0) throw new Error("error reading registry response body: %!s(<nil>)");
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}

async function bearerToken(refused: Response, login: RegistryLogin | undefined, repository: string): Promise<string> {
  const challenge = parseChallenge(refused.headers.get("www-authenticate") ?? "");
  if (challenge === undefined) throw new Error(`bad credentials: ${refused.status} ${refused.statusText}`);
  const query = new URLSearchParams({
    service: challenge["service"] ?? "",
    scope: challenge["scope"] ?? `repository:${repository}:push,pull`,
  });
  const authorization = login === undefined || login.username === "" ? undefined : basic(login);
  const response = await request("GET", `${challenge["realm"] ?? ""}?${query.toString()}`, authorization);
  if (response.status !== 200) throw badResponse(response);
  const { token, access_token } = (await response.json()) as { token?: string; access_token?: string };
  const given = token ?? access_token;
  if (given === undefined) throw new Error("Error unsupported OAuth response");
  return given;
}

/** The parameters of a `WWW-Authenticate: Bearer ...` header, undefined for any other kind. */
export function parseChallenge(header: string): Record<string, string> | undefined {
  if (!header.startsWith("Bearer ")) return undefined;
  return Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]));
}

const badResponse = (response: Response): Error =>
  new Error(`got bad response from registry: ${response.status} ${response.statusText}`);
