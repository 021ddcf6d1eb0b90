import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { configSchema } from "../../config";
import { sectionsOf, stackFileOf } from "../stack";

const settingsSchema = configSchema
  .pick({ app: true, host: true, image: true, variables: true, pipeline: true })
  .required({ pipeline: true });

/** Settings of the GitHub side. All of them are plain text in the app's stack file. */
export type GithubSettings = z.output<typeof settingsSchema>;

/** @throws Error that names the file and every key that is missing or wrong. */
export function parseGithubSettings(text: string, file: string, project: string): GithubSettings {
  const parsed = settingsSchema.strip().safeParse(sectionsOf(text, project));
  if (parsed.success) return parsed.data;
  throw new Error(
    `read the GitHub settings from ${file}: keys are missing or wrong\n${z.prettifyError(parsed.error)}\n  next: docs/pipeline.md, "Set up"`,
  );
}

/** The settings in the stack file of the app's stack. @throws Error when the file is missing or wrong. */
export function readGithubSettings(stack: string, project: string): GithubSettings {
  const file = stackFileOf(stack);
  if (existsSync(file)) return parseGithubSettings(readFileSync(file, "utf8"), file, project);
  throw new Error(
    `read the GitHub settings: ${file} does not exist\n  next: give this stack the name of the app's stack: npm run github -- stack select <name>`,
  );
}
