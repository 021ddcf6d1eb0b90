import type { BridgedResource, Live } from "../bridge/bridged";
import type { Schema } from "../bridge/schema";
import { flag, text, type Properties } from "../value";
import { ensureImage, findImage, type ImageInspect } from "./image";
import { registryOf } from "./image-name";
import type { DockerHost } from "./provider-config";
import { saying } from "./refusal";

/** Every property of `docker.RemoteImage` 5.1.0. */
const remoteImageSchema: Schema = {
  build: { shape: "object", fields: {}, unmodelled: true },
  forceRemove: { shape: "flag" },
  imageId: { shape: "text", computed: true, readOnly: true },
  keepLocally: { shape: "flag" },
  name: { shape: "text", required: true, replaces: true },
  platform: { shape: "text", replaces: true },
  pullTriggers: { shape: "text-set", replaces: true },
  repoDigest: { shape: "text", computed: true, readOnly: true },
  triggers: { shape: "text-map", replaces: true },
};

/** `docker.RemoteImage`: an image on the host, pulled if it is not there. */
export const remoteImage = (host: DockerHost): BridgedResource => ({
  schema: remoteImageSchema,
  idInState: true,
  deleteBeforeReplace: false,
  emptyDefaults: "drop",
  create: (plan) => present(host, plan),
  read: async (_id, state) => {
    const name = text(state, "name");
    const found = await findImage(host, name);
    return found === undefined ? undefined : live(name, found);
  },
  update: (_id, _state, plan) => present(host, plan),
  delete: (_id, state) => remove(host, state),
});

async function present(host: DockerHost, plan: Properties): Promise<Live> {
  const name = text(plan, "name");
  const image = ensureImage(host, name, text(plan, "platform"));
  return live(name, await saying("Unable to read Docker image into resource", image));
}

const live = (name: string, image: ImageInspect): Live => ({
  id: image.Id + name,
  properties: { imageId: image.Id, repoDigest: repoDigest(name, image.RepoDigests ?? []) },
});

/** The digest under the name's own repository, where the host knows several. */
function repoDigest(name: string, digests: readonly string[]): string {
  const { registry, repository } = registryOf(name);
  const own = digests.find((digest) => {
    const other = registryOf(digest);
    return other.registry === registry && other.repository === repository;
  });
  return own ?? digests[0] ?? "";
}

async function remove(host: DockerHost, state: Properties): Promise<void> {
  if (flag(state, "keepLocally")) return;
  const name = text(state, "name");
  if ((await findImage(host, name)) === undefined) return;
  const query = { force: flag(state, "forceRemove") ? "1" : "0" };
  await saying("Unable to remove Docker image", host.daemon().call("DELETE", `/images/${name}`, { query }));
}
