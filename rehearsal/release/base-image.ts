import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRepositoryFile, repositoryRoot } from "../../repository";
import { runCommand } from "./run-command";

const NPM_SECONDS = 300;
const BUILD_SECONDS = 300;
const QUERY_SECONDS = 20;

/** What `npm` calls the processors of Docker's engines. */
const npmProcessors: Record<string, string> = { amd64: "x64", arm64: "arm64" };

async function npmProcessor(): Promise<string> {
  const architecture = (
    await runCommand("docker", ["version", "--format", "{{.Server.Arch}}"], { timeoutSeconds: QUERY_SECONDS })
  ).trim();
  const processor = npmProcessors[architecture];
  if (processor === undefined) {
    throw new Error(
      `the sample app has no image for Docker's architecture "${architecture}": use an engine on ${Object.keys(npmProcessors).join(" or ")}`,
    );
  }
  return processor;
}

/** The image's name says its content: what goes into it decides the tag. */
function nameOf(inputs: Record<string, string>): string {
  const hash = createHash("sha256");
  for (const [name, text] of Object.entries(inputs)) hash.update(`${name}\0${text}\0`);
  return `memoryloop-sample-base:${hash.digest("hex").slice(0, 16)}`;
}

/** Whether Docker has the image. */
export const hasImage = (image: string): Promise<boolean> =>
  runCommand("docker", ["image", "inspect", "--format", "{{.Id}}", image], { timeoutSeconds: QUERY_SECONDS }).then(
    () => true,
    () => false,
  );

/** Node.js comes from npm as well, so that neither this machine's version nor its system matters. */
async function installDependencies(context: string, processor: string): Promise<void> {
  const target = ["--os=linux", `--cpu=${processor}`, "--libc=glibc"];
  const quiet = ["--no-fund", "--no-audit", "--ignore-scripts", "--omit=dev"];
  await runCommand("npm", ["ci", ...quiet, ...target], { cwd: context, timeoutSeconds: NPM_SECONDS });
  const node = join(context, "node_modules", `node-linux-${processor}`);
  renameSync(join(node, "bin", "node"), join(context, "node"));
  rmSync(node, { recursive: true });
}

/**
 * The image that every release of the sample app starts from; built on the first call for these dependencies, later
 * found by name. Needs Docker, npm and the image `debian:bookworm`.
 */
export async function ensureBaseImage(report: (message: string) => void): Promise<string> {
  const processor = await npmProcessor();
  const inputs = {
    "package.json": readRepositoryFile("rehearsal", "app", "package.json"),
    "package-lock.json": readRepositoryFile("rehearsal", "app", "package-lock.json"),
    Dockerfile: readRepositoryFile("rehearsal", "release", "base.Dockerfile"),
  };
  const image = nameOf({ ...inputs, processor });
  if (await hasImage(image)) return image;

  const context = join(repositoryRoot, ".rehearsal", "sample-base");
  if (existsSync(context)) rmSync(context, { recursive: true });
  mkdirSync(context, { recursive: true });
  for (const [name, text] of Object.entries(inputs)) writeFileSync(join(context, name), text);
  report("installing the sample app's dependencies");
  await installDependencies(context, processor);
  report("building the sample app's base image");
  await runCommand("docker", ["build", "--tag", image, context], { timeoutSeconds: BUILD_SECONDS });
  rmSync(context, { recursive: true });
  return image;
}
