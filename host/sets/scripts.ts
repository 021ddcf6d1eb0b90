import { rootDirectory, rootfs } from "../rootfs";
import { scriptFolder, type FileSetSpec } from "./file-set-spec";

/** The programs that check the other sets and put them in force, and those that units run. */
export const scriptsSet = (): FileSetSpec => ({
  sharing: "equal",
  entries: { [scriptFolder]: rootDirectory, ...rootfs("scripts") },
});
