import { readRepositoryFile } from "../../repository";

/** The settings in a file, without its comments. */
export const settingsIn = (text: string): string =>
  text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .join("\n");

/** The limits of every unit, as lines of its [Service] section. Lines after these open what the unit needs. */
export const sandbox = settingsIn(readRepositoryFile("rootfs/scripts/usr/local/lib/vps/sandbox.conf"));
