import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

type Json = Readonly<Record<string, unknown>>;

const configSchema = z.looseObject({
  Env: z.array(z.string()).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Hostname: z.string().optional(),
});

/** A container, as `GET /containers/<name>/json` of Docker's API describes it. */
export const containerInspectSchema = z.object({
  Id: z.string(),
  Image: z.string(),
  Config: configSchema,
  HostConfig: z.looseObject({}),
});

/** An image, as `GET /images/<name>/json` of Docker's API describes it. */
export const imageInspectSchema = z.object({
  Config: configSchema.nullish(),
  Created: z.string().default(""),
  Size: z.number().default(0),
});

export type ContainerInspect = z.output<typeof containerInspectSchema>;
export type ImageInspect = z.output<typeof imageInspectSchema>;

/** The release that a copy is made for. */
export interface CopyTarget {
  readonly app: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** Address on the app's network. */
  readonly address: string;
}

/** Docker fills these in by itself, or the target decides them. */
const ownKeys = ["Image", "Env", "Labels", "Hostname", "Domainname", "MacAddress", "OnBuild"];

/** The settings that are not the image's own: the new image brings its own values for the others. */
function declaredSettings(config: Json, ofImage: Json): Json {
  const entries = Object.entries(config).filter(
    ([key, value]) => !ownKeys.includes(key) && !isDeepStrictEqual(value, ofImage[key]),
  );
  return Object.fromEntries(entries);
}

const withoutImages = (own: Json | null | undefined, ofImage: Json | null | undefined): Json =>
  Object.fromEntries(Object.entries(own ?? {}).filter(([key, value]) => ofImage?.[key] !== value));

/**
 * The body of `POST /containers/create` for a container like `serving`, of another image: the same settings, limits, mounts and
 * variables. A setting that equals the default of the old image counts as the image's own, because Docker does not tell the
 * two apart.
 */
export function copyOf(serving: ContainerInspect, image: Pick<ImageInspect, "Config">, target: CopyTarget): Json {
  const { app, repository, tag, digest, address } = target;
  const { Config: config, HostConfig: hostConfig, Id: id } = serving;
  const ofImage = image.Config ?? {};
  const hostname = config.Hostname !== undefined && config.Hostname !== id.slice(0, 12) ? config.Hostname : undefined;
  return {
    ...declaredSettings(config, ofImage),
    ...(hostname !== undefined && { Hostname: hostname }),
    Image: `${repository}@${digest}`,
    Env: (config.Env ?? []).filter((variable) => !ofImage.Env?.includes(variable)),
    Labels: { ...withoutImages(config.Labels, ofImage.Labels), "image-tag": tag, digest },
    HostConfig: { ...hostConfig, NetworkMode: app },
    NetworkingConfig: { EndpointsConfig: { [app]: { IPAMConfig: { IPv4Address: address } } } },
  };
}
