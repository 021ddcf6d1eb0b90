import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repositoryRoot } from "../../../repository";

/** A module of the sample app, which is JavaScript outside of this program's types: the caller says what it exports. */
export const sampleApp = async <Exports>(file: string): Promise<Exports> =>
  (await import(pathToFileURL(join(repositoryRoot, "rehearsal", "app", file)).href)) as Exports;
