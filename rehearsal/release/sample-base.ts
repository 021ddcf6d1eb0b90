import { createHash } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRepositoryFile } from "../../repository";
import { docker, hasImage } from "../world/docker";
import { ensureBaseImage } from "../world/images";
import { run } from "../world/run";

const npmSeconds = 300;
const buildSeconds = 300;

/** npm's processor names, by Docker's processor names. */
const npmProcessors: Record<string, string> = { amd64: "x64", arm64: "arm64" };

/**
 * The processor for which npm installs the app's binaries.
 * @throws Error when there are no binaries for it.
 */
export function npmProcessor(dockerArchitecture: string): string {
  const processor = npmProcessors[dockerArchitecture];
  if (processor === undefined) {
    const known = Object.keys(npmProcessors).join(" or ");
    throw new Error(`the sample app cannot be built for "${dockerArchitecture}": use a Docker engine on ${known}`);
  }
  return processor;
}

/** The image tag is a hash of the content, so changed content gets another tag. */
export function sampleBaseName(inputs: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256");
  for (const [name, text] of Object.entries(inputs)) hash.update(`${name}\0${text}\0`);
  return `memoryloop-rehearsal-sample:${hash.digest("hex").slice(0, 12)}`;
}

/** Node.js comes from npm too, so this machine's version and system have no effect. */
async function installDependencies(folder: string, processor: string): Promise<void> {
  const target = ["--os=linux", `--cpu=${processor}`, "--libc=glibc"];
  const quiet = ["--no-fund", "--no-audit", "--ignore-scripts", "--omit=dev"];
  await run(["npm", "ci", "--prefix", folder, ...quiet, ...target], { seconds: npmSeconds });
  const node = join(folder, "node_modules", `node-linux-${processor}`);
  renameSync(join(node, "bin", "node"), join(folder, "node"));
  rmSync(node, { recursive: true });
}

/**
 * The base image of every image of the sample app: Debian, Node.js and the app's dependencies. The first call for its
 * content builds it; later calls find it by name.
 */
export async function ensureSampleBase(report: (line: string) => void): Promise<string> {
  const processor = npmProcessor(await docker(["version", "--format", "{{.Server.Arch}}"]));
  const inputs = {
    "package.json": readRepositoryFile("rehearsal", "app", "package.json"),
    "package-lock.json": readRepositoryFile("rehearsal", "app", "package-lock.json"),
    Dockerfile: readRepositoryFile("rehearsal", "release", "base.Dockerfile"),
  };
  const image = sampleBaseName({ ...inputs, processor });
  if (await hasImage(image)) return image;

  await ensureBaseImage(report);
  report(`building the image ${image}`);
  const folder = mkdtempSync(join(tmpdir(), "memoryloop-sample-"));
  try {
    for (const [name, text] of Object.entries(inputs)) writeFileSync(join(folder, name), text);
    await installDependencies(folder, processor);
    await docker(["build", "--tag", image, folder], buildSeconds);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return image;
}
