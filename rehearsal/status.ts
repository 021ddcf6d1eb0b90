import { existsSync } from "node:fs";
import { byHand, ensurePulumi, runPulumi, type Pulumi } from "./pulumi";
import { getFromSite, siteOf } from "./site";
import { findWorld, sshCommand, type World, type WorldOptions } from "./world/world";

/** The output of `npm run -s rehearse -- status --json`. */
export type Status =
  | { readonly state: "down" }
  | {
      readonly state: "up";
      readonly url: string;
      /** Arguments with which curl reaches `url`. */
      readonly curl: readonly string[];
      /** Command line to the VPS. */
      readonly ssh: readonly string[];
      /** Environment and arguments to run pulumi manually on the stack. */
      readonly pulumi: ReturnType<typeof byHand>;
      /** `null` before the first deployment. */
      readonly imageTag: string | null;
      readonly previousImageTag: string | null;
      /** Body of the health endpoint; `null` when it does not answer. */
      readonly health: unknown;
      readonly engine: { readonly name: string; readonly version: string; readonly kind: string };
      readonly plugins: Pulumi["plugins"];
      readonly registry: string;
    };

async function outputsOf(pulumi: Pulumi): Promise<Record<string, unknown>> {
  if (!existsSync(pulumi.settings.stateFolder)) return {};
  const text = await runPulumi(pulumi, ["stack", "output", "--json"]).catch(() => "{}");
  return JSON.parse(text) as Record<string, unknown>;
}

/** Body of the health endpoint; `null` for nginx's own page, which it sends when no release answers. */
export function healthIn(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return null;
  }
}

const healthOf = (world: World): Promise<unknown> =>
  getFromSite(world, "/api/health").then(
    ({ body }) => healthIn(body),
    () => null,
  );

const textOf = (value: unknown): string | null => (typeof value === "string" && value ? value : null);

/** Reads the present state of the rehearsal and changes nothing. */
export async function rehearsalStatus(options: WorldOptions): Promise<Status> {
  const world = await findWorld(options);
  if (!world) return { state: "down" };
  const pulumi = await ensurePulumi(world, () => undefined);
  const [outputs, health] = await Promise.all([outputsOf(pulumi), healthOf(world)]);
  const { version, kind } = pulumi.engine;
  return {
    state: "up",
    ...siteOf(world),
    ssh: sshCommand(world),
    pulumi: byHand(pulumi),
    imageTag: textOf(outputs["imageTag"]),
    previousImageTag: textOf(outputs["previousImageTag"]),
    health,
    engine: { name: "pulumi", version, kind },
    plugins: pulumi.plugins,
    registry: world.registry.address,
  };
}

/** The status as text. */
export function renderStatus(status: Status): string {
  if (status.state === "down") return "The rehearsal is down. `npm run rehearse` starts it.";
  const { url, curl, ssh, imageTag, previousImageTag, engine, plugins } = status;
  return [
    `site      ${url}`,
    `try       curl ${curl.join(" ")} ${url}/api/health`,
    `ssh       ${ssh.map((word) => (/[ "]/.test(word) ? `'${word}'` : word)).join(" ")}`,
    `image     ${imageTag ?? "none"} (previous: ${previousImageTag ?? "none"})`,
    `engine    ${engine.name} ${engine.version} (${engine.kind})`,
    `plugins   ${plugins.map(({ name, version, kind }) => `${name} ${version} (${kind})`).join(", ")}`,
    `next      npm run rehearse -- build <tag> && npm run rehearse -- up <tag>`,
    `end       npm run rehearse -- down`,
  ].join("\n");
}
