import { directoryNameOf, type DataDirectory } from "./inputs";

/** A bind mount of a container. */
export interface Mount {
  /** Path on the server. */
  readonly source: string;
  /** Path in the container. */
  readonly target: string;
}

/** Whether one directory of the container, `/opt/<app>/data` on the server, holds the data. The app owns it then. */
export const isWhole = (data: readonly DataDirectory[]): boolean =>
  data.some(({ subdirectory }) => subdirectory !== undefined);

/** The mounts of the app's data. */
export const dataMounts = (app: string, data: readonly DataDirectory[]): readonly Mount[] =>
  data.map(({ path, ...directory }) => ({
    source: isWhole(data) ? `/opt/${app}/data` : `/opt/${app}/data/${directoryNameOf({ path, ...directory })}`,
    target: path,
  }));

/** The paths of the backed up directories on the server. */
export const dataPaths = (app: string, data: readonly DataDirectory[]): readonly string[] =>
  data.map((directory) => `/opt/${app}/data/${directoryNameOf(directory)}`);

/** The paths of the directories that have a mount each. Empty where one directory holds all data. */
export const mountedPaths = (app: string, data: readonly DataDirectory[]): string[] =>
  isWhole(data) ? [] : [...dataPaths(app, data)];

/** The directories as the scripts on the server read them: `<name>:<kind>,...`. */
export const dataVariable = (data: readonly DataDirectory[]): string =>
  data.map((directory) => `${directoryNameOf(directory)}:${directory.kind}`).join(",");
