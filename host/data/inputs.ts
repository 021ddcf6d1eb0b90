import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { repositoryRoot } from "../../repository";
import { earlierLayout } from "./former-layout";

const kindFolder = join(repositoryRoot, "rootfs/backups/usr/local/lib/{{app}}-backup/kinds");

/** The kinds of data that can be backed up: one script each. */
export const dataKinds = readdirSync(kindFolder).flatMap((name) => /^([a-z]+)\.sh$/.exec(name)?.[1] ?? []);

const directoryName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, "letters, digits, dashes and underscores, at most 63");

const nameOf = (path: string): string => path.split("/").at(-1) ?? "";

const dataDirectorySchema = z
  .strictObject({
    path: z
      .string()
      .regex(/^(\/[A-Za-z0-9_][\w.-]*)+$/, "an absolute path in the container, such as /app/data")
      .describe("Directory in the container, such as `/data`. It is kept in `/opt/<app>/data` on the server."),
    kind: z
      .enum(dataKinds)
      .describe("How the directory is copied and verified. `sqlite` and `files` need no program in the image."),
    name: directoryName
      .optional()
      .describe("Name of the directory below `/opt/<app>/data`. Default: the last part of `path`."),
    subdirectory: directoryName
      .optional()
      .describe(
        "Only this directory below `path` is backed up. Then `/opt/<app>/data` itself is mounted at `path`. Only for a single directory.",
      ),
  })
  .refine(({ name, path }) => name !== undefined || directoryName.safeParse(nameOf(path)).success, {
    message: "the last part of the path has a dot: give the directory a name",
    path: ["name"],
  });

export type DataDirectory = z.infer<typeof dataDirectorySchema>;

/** The name of a directory below `/opt/<app>/data`. */
export const directoryNameOf = ({ path, name, subdirectory }: DataDirectory): string =>
  subdirectory ?? name ?? nameOf(path);

const isInside = (path: string, other: string): boolean => path === other || path.startsWith(`${other}/`);

/** The problem of a list of directories, or undefined for a good list. */
export function dataProblem(data: readonly DataDirectory[]): string | undefined {
  const names = data.map(directoryNameOf);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `two directories have the name ${twice}: give one of them another name`;
  const inner = data.find((one, index) => data.some((other, at) => at !== index && isInside(one.path, other.path)));
  if (inner) return `${inner.path} is inside another directory of the list: list only the outer one`;
  if (data.length > 1 && data.some(({ subdirectory }) => subdirectory !== undefined))
    return "subdirectory is only for a single directory: leave it out";
  return undefined;
}

export const dataSchema = z
  .array(dataDirectorySchema)
  .max(20)
  .superRefine((data, context) => {
    const message = dataProblem(data);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  })
  .default([...earlierLayout]);
