import { sha256 } from "../sha256";
import { stateLines } from "./payload";
import type { FileSetInputs } from "./inputs";

/** The content that an app wants for each path and unit, as a SHA-256: two apps that share one must have equal claims. */
export type Claims = Readonly<Record<string, string>>;

/** The claims of file sets. `file-set/apply.sh` records the same ones on the server. */
export const claimsOf = (sets: readonly Pick<FileSetInputs, "entries" | "units">[]): Claims =>
  Object.fromEntries(
    sets.flatMap((set) =>
      Object.entries(stateLines(set)).map(([held, line]) => [held, sha256(line.replace(/[\t\n]+$/, ""))] as const),
    ),
  );
