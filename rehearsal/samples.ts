import { randomBytes } from "node:crypto";
import type { World } from "./world/world";

/** A sample app, and the stack that deploys it. The stack's file is rehearsal/Pulumi.<stack>.yaml. */
export interface Sample {
  readonly stack: string;
  /** Owner and name of the image. */
  readonly repository: string;
  /** Secrets that the stack needs. Their values open nothing. */
  readonly secrets: readonly string[];
  readonly bucket: string;
  /** Public name of the site in a world. */
  readonly domain: (world: World) => string;
}

/** Next.js and LanceDB, in Node.js: rehearsal/app. */
export const firstSample: Sample = {
  stack: "rehearsal",
  repository: "nicholaspsmith/memoryloop",
  secrets: ["ANTHROPIC_API_KEY", "NEXT_PUBLIC_SENTRY_DSN", "SENTRY_DSN"],
  bucket: "memoryloop-backups",
  domain: ({ domain }) => domain,
};

/** Go and SQLite: rehearsal/second. */
export const secondSample: Sample = {
  stack: "second",
  repository: "somebody/second",
  secrets: ["SESSION_KEY", "ADMIN_TOKEN"],
  bucket: "second-backups",
  domain: () => "second.test",
};

export const newSecret = (): string => `rehearsal-${randomBytes(12).toString("hex")}`;
