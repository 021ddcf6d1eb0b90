import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../../repository";
import type { Behaviour } from "./behaviour";
import { ensureSampleBase } from "./sample-base";
import { docker } from "../world/docker";

export { behaviours, type Behaviour } from "./behaviour";

const buildSeconds = 60;
const pushSeconds = 120;
const contentLabel = "memoryloop.rehearsal.content";

export interface ReleaseOptions {
  /** The image tag and the `version` that the app reports. */
  readonly tag: string;
  readonly behaviour: Behaviour;
  /** Number of seconds for `slow-start` and `fails-after`. @default 5 */
  readonly seconds?: number;
  /** Host and port of a registry to which Docker on this machine can push, such as `127.0.0.1:5000`. */
  readonly registry: string;
  /** `<owner>/<repo>` */
  readonly repository: string;
}

export interface Release {
  /** `<registry>/<repository>:<tag>` */
  readonly reference: string;
  /** The manifest's digest in the registry, `sha256:...`. */
  readonly digest: string;
}

const appFolder = join(repositoryRoot, "rehearsal", "app");
const dockerfile = join(repositoryRoot, "rehearsal", "release", "release.Dockerfile");
const notInImage = new Set(["node_modules", "package-lock.json"]);

/** The content of `/app/release.json`. */
export const releaseJson = ({
  tag,
  behaviour,
  seconds,
}: Pick<ReleaseOptions, "tag" | "behaviour" | "seconds">): string =>
  `${JSON.stringify({ version: tag, behaviour, seconds })}\n`;

/** Files that the build of Next.js makes, by their path in `/app/.next/static`: a hash of the content is in the name. */
export function builtAssets(tag: string): Readonly<Record<string, string>> {
  const named = (name: string, type: string, content: string): [string, string] => {
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
    return [`${name}-${hash}.${type}`, content];
  };
  return Object.fromEntries([
    named("chunks/main", "js", `self.release = "${tag}";\n`),
    named("css/page", "css", `:root { --release: "${tag}"; }\n`),
    named("chunks/vendor", "js", "self.vendor = true;\n"),
  ]);
}

/** The labels that the app's pipeline sets on an image (OCI image annotations). */
export const releaseLabels = (
  options: Pick<ReleaseOptions, "tag" | "repository">,
  created: Date,
): Record<string, string> => ({
  "org.opencontainers.image.revision": options.tag,
  "org.opencontainers.image.created": created.toISOString(),
  "org.opencontainers.image.source": `https://github.com/${options.repository}`,
});

/** The digest that `docker push` prints on its last line. */
export function pushedDigest(output: string): string {
  const digest = /digest: (sha256:[0-9a-f]{64})/.exec(output)?.[1];
  if (digest === undefined) throw new Error(`docker push printed no digest:\n${output}`);
  return digest;
}

function writeContext(folder: string, options: ReleaseOptions): void {
  copyFileSync(dockerfile, join(folder, "Dockerfile"));
  mkdirSync(join(folder, "app"));
  for (const name of readdirSync(appFolder).filter((entry) => !notInImage.has(entry))) {
    cpSync(join(appFolder, name), join(folder, "app", name), { recursive: true });
  }
  writeFileSync(join(folder, "app", "release.json"), releaseJson(options));
  for (const [name, content] of Object.entries(builtAssets(options.tag))) {
    const file = join(folder, "app", ".next", "static", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

function contentHash(folder: string, base: string): string {
  const hash = createHash("sha256").update(base);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((file) => join(file.parentPath, file.name)).sort()) {
    hash.update(`\0${path.slice(folder.length)}\0`).update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** The hash of the sources of an image, or "" when Docker has no such image. */
const builtContent = (reference: string): Promise<string> =>
  docker(["image", "inspect", "--format", `{{index .Config.Labels "${contentLabel}"}}`, reference]).catch(() => "");

async function build(reference: string, folder: string, base: string, options: ReleaseOptions): Promise<void> {
  const content = contentHash(folder, base);
  if ((await builtContent(reference)) === content) return;
  const labels = Object.entries({ ...releaseLabels(options, new Date()), [contentLabel]: content });
  const labelArgs = labels.flatMap(([name, value]) => ["--label", `${name}=${value}`]);
  await docker(["build", "--tag", reference, "--build-arg", `BASE=${base}`, ...labelArgs, folder], buildSeconds);
}

/**
 * Builds one image of the sample app and pushes it. Idempotent: the same options and sources give the same digest as
 * long as this machine's Docker keeps the image, even if the registry no longer has it.
 */
export async function buildRelease(options: ReleaseOptions, report: (line: string) => void): Promise<Release> {
  const base = await ensureSampleBase(report);
  const reference = `${options.registry}/${options.repository}:${options.tag}`;
  const folder = mkdtempSync(join(tmpdir(), "memoryloop-release-"));
  try {
    writeContext(folder, options);
    await build(reference, folder, base, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const digest = pushedDigest(await docker(["push", reference], pushSeconds));
  report(`pushed ${reference}`);
  return { reference, digest };
}
