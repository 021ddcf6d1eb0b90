import { pullName, registryOf } from "./image-name";
import type { DockerHost } from "./provider-config";
import { saying } from "./refusal";

/** The part of Docker's answer to `GET /images/{name}/json` that the provider reads. */
export interface ImageInspect {
  readonly Id: string;
  readonly RepoDigests: readonly string[] | null;
}

/** The image on the host, undefined when it is not there. */
export const findImage = (host: DockerHost, name: string): Promise<ImageInspect | undefined> =>
  host.daemon().find<ImageInspect>(`/images/${name}/json`);

/** The image on the host, pulled there when it was not. */
export async function ensureImage(host: DockerHost, name: string, platform: string): Promise<ImageInspect> {
  const found = await findImage(host, name);
  if (found !== undefined) return found;
  const pull = host.daemon().pull(pullName(name), platform, pullAuth(host, name));
  await saying(`unable to pull image ${name}: error pulling image ${name}`, pull);
  const pulled = await findImage(host, name);
  if (pulled === undefined) throw new Error(`unable to find or pull image ${name}`);
  return pulled;
}

/** The login for the registry of an image, as Docker takes it in a header. */
export function pullAuth(host: DockerHost, name: string): string {
  const login = host.login(registryOf(name).registry);
  const auth =
    login === undefined ? {} : { username: login.username, password: login.password, serveraddress: login.address };
  return Buffer.from(JSON.stringify(auth)).toString("base64url");
}
