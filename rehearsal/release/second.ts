import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../../repository";
import { cached } from "../cache";
import { docker } from "../world/docker";
import { run } from "../world/run";
import { pushedDigest, releaseLabels, type Release, type ReleaseOptions } from "./release";

const sources = join(repositoryRoot, "rehearsal", "second");
const compileSeconds = 10 * 60;
const buildSeconds = 60;
const pushSeconds = 120;

function hashOfSources(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(sources).sort()) hash.update(`${name}\0`).update(readFileSync(join(sources, name)));
  return hash.digest("hex").slice(0, 12);
}

/** The program, compiled for the processor of Docker's engine: once for each content. Returns its path. */
async function compiled(report: (line: string) => void): Promise<string> {
  const architecture = await docker(["version", "--format", "{{.Server.Arch}}"]);
  const folder = await cached(`second-${architecture}-${hashOfSources()}`, async (target) => {
    report("compiling the second sample app: about a minute, once on this machine");
    await run(["go", "build", "-trimpath", "-ldflags", "-s -w", "-o", join(target, "second"), "."], {
      cwd: sources,
      environment: { CGO_ENABLED: "0", GOOS: "linux", GOARCH: architecture },
      seconds: compileSeconds,
    }).catch((error: unknown) => {
      throw new Error("rehearsal/second could not be compiled: install Go 1.26 or later and try again", {
        cause: error,
      });
    });
  });
  return join(folder, "second");
}

type SecondOptions = Omit<ReleaseOptions, "behaviour" | "seconds">;

/** Builds one release of the second sample app and pushes it. */
export async function buildSecond(options: SecondOptions, report: (line: string) => void): Promise<Release> {
  const reference = `${options.registry}/${options.repository}:${options.tag}`;
  const program = await compiled(report);
  const labels = Object.entries(releaseLabels(options, new Date()));
  const words = [...labels.flatMap(([name, value]) => ["--label", `${name}=${value}`])];
  const folder = mkdtempSync(join(tmpdir(), "memoryloop-second-"));
  try {
    mkdirSync(join(folder, "data"));
    copyFileSync(program, join(folder, "second"));
    copyFileSync(join(sources, "Dockerfile"), join(folder, "Dockerfile"));
    await docker(
      ["build", "--tag", reference, "--build-arg", `VERSION=${options.tag}`, ...words, folder],
      buildSeconds,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  const digest = pushedDigest(await docker(["push", reference], pushSeconds));
  report(`pushed ${reference}`);
  return { reference, digest };
}
