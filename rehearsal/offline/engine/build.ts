import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "../../../repository";
import { cached, cacheFolder } from "../../cache";
import { run } from "../../world/run";

const buildSeconds = 30 * 60;

/**
 * Builds the engine from Go modules into the cache of this machine, with the launcher of our language host beside it.
 * Does nothing when the cache has it.
 * @throws Error that says what to install when the build fails.
 */
export async function buildEngine(version: string, report: (line: string) => void): Promise<void> {
  report(`Building Pulumi ${version} from Go modules: about five minutes, once on this machine`);
  await cached(buildName(version), async (folder) => {
    await run(["go", ...buildArguments(version, join(folder, "pulumi"))], {
      cwd: join(repositoryRoot, "rehearsal", "offline", "engine"),
      environment: { CGO_ENABLED: "0" },
      seconds: buildSeconds,
    }).catch((error: unknown) => {
      throw new Error(buildFailure(version, error), { cause: error });
    });
    const launcher = join(folder, "pulumi-language-nodejs");
    await copyFile(join(repositoryRoot, "rehearsal/offline/language-host/pulumi-language-nodejs.sh"), launcher);
    await chmod(launcher, 0o755);
  });
}

/** Path of the engine that `buildEngine` builds. */
export const builtBinary = (version: string): string => join(cacheFolder(), buildName(version), "pulumi");

/** The arguments of `go` that build the engine. Its source has no version: the linker sets it. */
export const buildArguments = (version: string, output: string): readonly string[] => [
  "build",
  "-ldflags",
  `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`,
  "-o",
  output,
  "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
];

/** The message for a failed build: the last lines of the compiler, and what to do instead. */
export const buildFailure = (version: string, error: unknown): string =>
  `The Pulumi engine could not be built from rehearsal/offline/engine/go.mod: ${String(error)}\n` +
  `Install Go 1.26 or later, or put pulumi ${version} or a later 3.x on PATH, and try again.`;

const buildName = (version: string): string => `pulumi-build-${version}-${process.platform}-${process.arch}`;
