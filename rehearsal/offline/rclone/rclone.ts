import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { readRepositoryFile, repositoryRoot } from "../../../repository";
import { cached } from "../../cache";
import { docker } from "../../world/docker";
import { ensureImage } from "../../world/images";
import { run } from "../../world/run";

const buildSeconds = 15 * 60;
const archive = "rclone.zip";

/** The release that the program installs, and go.mod pins for here. */
function version(): string {
  const found = /github\.com\/rclone\/rclone v([\d.]+)/.exec(
    readRepositoryFile("rehearsal/offline/rclone/go.mod"),
  )?.[1];
  if (found === undefined) throw new Error("rehearsal/offline/rclone/go.mod names no version of rclone");
  return found;
}

/** Built from Go modules, for the processor of Docker's engine. */
async function build(architecture: string, binary: string): Promise<void> {
  const flags = ["-trimpath", "-ldflags", `-s -w -X github.com/rclone/rclone/fs.Version=v${version()}`];
  await run(["go", "build", ...flags, "-o", binary, "."], {
    cwd: join(repositoryRoot, "rehearsal", "offline", "rclone"),
    environment: { CGO_ENABLED: "0", GOOS: "linux", GOARCH: architecture },
    seconds: buildSeconds,
  }).catch((error: unknown) => {
    throw new Error("rclone could not be built from rehearsal/offline/rclone: install Go 1.26 or later and try again", {
      cause: error,
    });
  });
}

/**
 * An archive with rclone, laid out as its release is: built from Go modules on the first call for its version.
 * @returns its path.
 */
export async function ensureRclone(report: (line: string) => void): Promise<string> {
  const architecture = await docker(["version", "--format", "{{.Server.Arch}}"]);
  const folder = `rclone-v${version()}-linux-${architecture}`;
  const made = await cached(`${folder}-build`, async (target) => {
    report(`building rclone ${version()} from Go modules: about two minutes, once on this machine`);
    await build(architecture, join(target, folder, "rclone"));
    const image = await ensureImage("vps", report);
    const mount = ["--mount", `type=bind,source=${target},target=/work`, "--workdir", "/work"];
    const zip = ["python3", "-m", "zipfile", "--create", `.${archive}`, folder];
    await docker(["run", "--rm", "--network", "none", ...mount, image, ...zip], buildSeconds);
    await rename(join(target, `.${archive}`), join(target, archive));
  });
  return join(made, archive);
}

/** SHA-256 of the archive, in lower case hexadecimal. */
export const sha256Of = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");
