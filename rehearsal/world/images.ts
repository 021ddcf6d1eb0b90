import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { repositoryRoot } from "../../repository";
import { docker, hasImage } from "./docker";
import { run } from "./run";

/** Suites of Debian; an image of a suite is called `debian:<suite>`. */
export type Suite = "bookworm" | "trixie";

const pullSeconds = 90;
const debootstrapSeconds = 300;
const provisionSeconds = 600;
/** The registry counts as unreachable after this time without an answer. */
const probeSeconds = 5;

const imagesFolder = join(repositoryRoot, "rehearsal", "world", "images");

export type ImageKind = "vps" | "vps-fresh-12" | "vps-fresh-13" | "services";

interface ImageSource {
  readonly suite: Suite;
  /** The folder of `rehearsal/world/images/` whose `provision.sh` makes the image, and others that it uses. */
  readonly folder: string;
  readonly uses: readonly string[];
  /** Settings of the image, as `docker commit --change` reads them. */
  readonly settings: readonly string[];
}

const fresh = (suite: Suite): ImageSource => ({
  suite,
  folder: "vps-fresh",
  uses: ["server"],
  // systemd 256 and later refuse the first version of control groups, which this machine may have, without this word.
  settings: ['CMD ["/sbin/init", "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"]', "ENV container=docker"],
});

const sources: Readonly<Record<ImageKind, ImageSource>> = {
  vps: {
    suite: "bookworm",
    folder: "vps",
    uses: ["server"],
    settings: ['CMD ["/sbin/init"]', "ENV container=docker"],
  },
  "vps-fresh-12": fresh("bookworm"),
  "vps-fresh-13": fresh("trixie"),
  services: { suite: "bookworm", folder: "services", uses: [], settings: ['CMD ["true"]'] },
};

function filesOf(kind: ImageKind): readonly string[] {
  const { folder, uses } = sources[kind];
  const folders = [folder, ...uses].map((name) => join(imagesFolder, name));
  const entries = folders.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }));
  const own = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return [join(imagesFolder, "debootstrap.sh"), join(imagesFolder, "install.sh"), ...own.sort()];
}

/** The image tag is a hash of the source files, so a changed file gives another tag. */
export function imageName(kind: ImageKind): string {
  const hash = createHash("sha256").update(sources[kind].settings.join("\n"));
  for (const file of filesOf(kind)) hash.update(`\0${relative(imagesFolder, file)}\0`).update(readFileSync(file));
  return `memoryloop-rehearsal-${kind}:${hash.digest("hex").slice(0, 12)}`;
}

/** One line of apt's index targets, as `aptSources` reads them. */
const aptIndexFormat = "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(CODENAME)|$(COMPONENT)";

/**
 * A sources.list with the host's mirrors of Debian itself; sources of others do not belong in the image. Empty where the
 * host has none for the suite.
 */
export function aptSources(indexTargets: string, suite: Suite): string {
  const rows = indexTargets.split("\n").map((line) => line.split("|"));
  const ofSuite = rows.filter(([origin, , , codename = ""]) => origin === "Debian" && codename.startsWith(suite));
  const keyring = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";
  const lines = ofSuite.map(
    ([, uri, release, , component]) => `deb ${keyring} ${uri ?? ""} ${release ?? ""} ${component ?? ""}\n`,
  );
  return [...new Set(lines)].join("");
}

/** The host's ways of reaching its mirrors (proxies, timeouts, clocks), and nothing else of its apt. */
export function aptConfiguration(dump: string): string {
  const settings = dump.split("\n").filter((line) => /^Acquire::(https?|Retries|Check-)/i.test(line));
  const own = ['Dir::Etc::sourcelist "/build/apt/sources.list";', 'Dir::Etc::sourceparts "-";'];
  return [...settings, ...own, ""].join("\n");
}

/** On Debian the packages come from where the host gets its own; elsewhere the image's own sources serve. */
async function copyHostApt(container: string, suite: Suite): Promise<void> {
  if (!existsSync("/etc/debian_version")) return;
  const targets = ["apt-get", "indextargets", "--format", aptIndexFormat, "Created-By: Packages"];
  const sources = aptSources(await run(targets, { seconds: probeSeconds }), suite);
  if (sources === "") return;
  const folder = mkdtempSync(join(tmpdir(), "memoryloop-apt-"));
  try {
    writeFileSync(join(folder, "sources.list"), sources);
    writeFileSync(
      join(folder, "apt.conf"),
      aptConfiguration(await run(["apt-config", "dump"], { seconds: probeSeconds })),
    );
    await docker(["cp", folder, `${container}:/build/apt`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const registryAnswers = (): Promise<boolean> =>
  fetch("https://registry-1.docker.io/v2/", { signal: AbortSignal.timeout(probeSeconds * 1000) }).then(
    () => true,
    () => false,
  );

const pulled = (image: string): Promise<boolean> =>
  docker(["pull", "--quiet", image], pullSeconds).then(
    () => true,
    () => false,
  );

/**
 * Guarantees the image `debian:<suite>` and returns its name. It is pulled where its registry answers, otherwise made of Debian's packages.
 * @throws Error where neither is possible.
 */
export async function ensureBaseImage(report: (line: string) => void, suite: Suite = "bookworm"): Promise<string> {
  const image = `debian:${suite}`;
  if (await hasImage(image)) return image;
  if (await registryAnswers()) {
    report(`pulling ${image}`);
    if (await pulled(image)) return image;
  }
  if (!existsSync("/etc/debian_version") || process.getuid?.() !== 0) {
    throw new Error(
      `${image} cannot be pulled, and can be made only as root on Debian: run \`docker pull ${image}\` where a registry answers`,
    );
  }
  report(`making ${image} with debootstrap (no registry answers)`);
  await run(["bash", join(imagesFolder, "debootstrap.sh"), suite, image], { seconds: debootstrapSeconds });
  return image;
}

/** Proxies of this environment reach the build by `exec`, which no image remembers. */
const proxyArguments = (): readonly string[] =>
  ["http_proxy", "https_proxy", "no_proxy"]
    .filter((name) => process.env[name] !== undefined)
    .flatMap((name) => ["--env", name]);

async function provision(kind: ImageKind, container: string): Promise<void> {
  await docker(["cp", imagesFolder, `${container}:/build`]);
  await copyHostApt(container, sources[kind].suite);
  await docker(
    ["exec", ...proxyArguments(), container, "sh", `/build/${sources[kind].folder}/provision.sh`],
    provisionSeconds,
  );
  await docker(["exec", container, "rm", "-rf", "/build"]);
  const changes = sources[kind].settings.flatMap((change) => ["--change", change]);
  await docker(["commit", ...changes, container, imageName(kind)], provisionSeconds);
}

/**
 * The image's name, built on the first call for its content and later found by name. A build runs on the host's network,
 * the only one sure to reach the host's mirrors.
 */
export async function ensureImage(kind: ImageKind, report: (line: string) => void): Promise<string> {
  const image = imageName(kind);
  if (await hasImage(image)) return image;
  const base = await ensureBaseImage(report, sources[kind].suite);
  report(`building the image ${image}`);
  const container = await docker(["run", "--detach", "--network", "host", base, "sleep", `${provisionSeconds}`]);
  try {
    await provision(kind, container);
  } finally {
    await docker(["rm", "--force", container]);
  }
  return image;
}
