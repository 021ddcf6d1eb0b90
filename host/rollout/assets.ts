import { z } from "zod";

/** Folders of the image whose files outlive their release, each by the path of the site that serves it. */
export const keepAssetsSchema = z.record(
  z
    .string()
    .regex(/^(?:\/[\w~-][\w.~-]*)+\/$/, "a path of the site that begins and ends with a slash, such as /_next/static/"),
  z.string().regex(/^(?:\/\.?[\w-][\w.-]*)+$/, "a folder of the image, such as /app/.next/static"),
);

export type KeepAssets = z.output<typeof keepAssetsSchema>;

/** The files of one release have at most this size, so that a wrong folder does not fill the disk. */
export const keptMegabytes = 256;

/** Whether there is anything to keep. */
export const keepsAssets = (keepAssets: KeepAssets = {}): boolean => Object.keys(keepAssets).length > 0;

/** The tree that nginx reads: a hard link to each kept file of each release. */
export const servedAssets = (app: string): string => `/var/lib/${app}/assets/served`;

const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** A folder that must not be kept, and the private path of the container that it holds or that holds it. */
export interface Exposed {
  readonly path: string;
  readonly folder: string;
  readonly holds: string;
}

/** The folders that nginx would publish although something in them is private. */
export const exposedFolders = (keepAssets: KeepAssets, privatePaths: readonly string[]): Exposed[] =>
  Object.entries(keepAssets).flatMap(([path, folder]) =>
    privatePaths
      .filter((holds) => isIn(holds, folder) || isIn(folder, holds))
      .map((holds) => ({ path, folder, holds })),
  );

interface AppPaths {
  readonly app: { readonly environmentFile: string; readonly writable: Readonly<Record<string, string>> };
  readonly data: readonly { readonly path: string }[];
}

/** The paths of the container that are not the image's: variables, data, and directories that the app writes to. */
export const privatePaths = ({ app, data }: AppPaths): string[] => [
  app.environmentFile,
  ...data.map(({ path }) => path),
  ...Object.keys(app.writable),
];
