import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { operatorConfigSchema } from "../config";
import { clusterServers, firstName } from "../config/cluster-servers";
import type { Health } from "../config/health";
import type { Variables } from "../config/variables";
import type { Connection } from "../host/connection";
import { mountedPaths } from "../host/data/layout";
import { ownerName } from "../host/file-set/owner";
import type { PreflightArgs } from "../host/preflight/preflight";
import { sharedClaims } from "../host/sets/shared";
import type { KeepAssets } from "../host/rollout/assets";
import type { RolloutInputs } from "../host/rollout/inputs";
import { repositoryRoot } from "../repository";

/** A server of a stack. */
interface Server {
  readonly name: string;
  readonly connection: Connection;
}

/** The part of a stack that the operator's commands need. */
export interface Stack {
  readonly app: { readonly name: string; readonly domain: string };
  /** All public names of the site. */
  readonly names: readonly string[];
  readonly connection: Connection;
  /** All servers, the one of `host` first. */
  readonly servers: readonly Server[];
  /** Whether the servers are a Docker Swarm, which can have one server, too. */
  readonly isCluster: boolean;
  /** The app's image, without a tag. */
  readonly repository: string;
  readonly health: Health;
  readonly variables: Variables;
  readonly rollout: Pick<RolloutInputs, "drainSeconds" | "stopSeconds">;
  readonly keepAssets: KeepAssets;
  /** Address of a registry without TLS; undefined: the one in `repository`. */
  readonly registry?: string | undefined;
  /** Holds the backups; undefined when the stack has none. */
  readonly bucket?: string | undefined;
  /** Address of the B2 API. */
  readonly b2Endpoint: string;
}

/** The stack file is missing or wrong. */
export class StackFileError extends Error {}

const projectSchema = z.object({ name: z.string() });
const stackFileSchema = z.object({ config: z.record(z.string(), z.unknown()).default({}) });

/** The project's name, which is the namespace of its configuration keys. */
export const projectName = (): string =>
  projectSchema.parse(parse(readFileSync(join(repositoryRoot, "Pulumi.yaml"), "utf8"))).name;

/** The configuration keys of a project in the text of a stack file, without their namespace. */
export function sectionsOf(text: string, project: string): Record<string, unknown> {
  const { config } = stackFileSchema.parse(parse(text) ?? {});
  const own = Object.entries(config).filter(([key]) => key.startsWith(`${project}:`));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(project.length + 1), value]));
}

/** The configuration in the text of a stack file. @throws StackFileError that names every key that is missing or wrong. */
function parseConfiguration(text: string, file: string, project: string) {
  const parsed = operatorConfigSchema.strip().safeParse(sectionsOf(text, project));
  if (parsed.success) return parsed.data;
  throw new StackFileError(`${file} is not a complete stack file:\n${z.prettifyError(parsed.error)}`);
}

/** The comparison of a stack with its server, from the text of its stack file. The stack's last update is not part of it. */
export function parseExpectations(
  { text, file, name }: { readonly text: string; readonly file: string; readonly name: string },
  project: string = projectName(),
): PreflightArgs {
  const { app, host, network, site, data } = parseConfiguration(text, file, project);
  const { connection } = parseStack(text, file, project);
  return {
    ...{ connection, app: app.name, domains: app.domains, memoryMb: app.memoryMb },
    owner: ownerName({ project, stack: shortName(name), app: app.name }),
    ...(network.subnet !== undefined && { subnet: network.subnet }),
    data: mountedPaths(app.name, data),
    claims: sharedClaims({ app: app.name, connection, tls: site.tls }),
    ...{ adopt: host.adopt, allow: host.allow },
  };
}

/**
 * A stack, from the text of its stack file.
 * @throws Error that names every key that is missing or wrong.
 */
export function parseStack(text: string, file: string, project: string = projectName()): Stack {
  const parsed = parseConfiguration(text, file, project);
  const { app, image, health, variables, rollout, backups, site } = parsed;
  const { host, port, user, hostKey, identity, jump } = parsed.host;
  const { drainSeconds, stopSeconds } = rollout;
  const connection = { host, port, user, hostKey, ...(identity && { identity }), ...(jump && { jump }) };
  const servers = clusterServers({ cluster: parsed.cluster, connection });
  return {
    app: { name: app.name, domain: app.domain },
    names: app.domains,
    connection,
    isCluster: servers.length > 0,
    servers:
      servers.length === 0
        ? [{ name: firstName, connection }]
        : servers.map(({ name, connection: own }) => ({ name, connection: own })),
    repository: image.repository,
    health,
    variables,
    rollout: { drainSeconds, stopSeconds },
    keepAssets: site.keepAssets,
    registry: image.registry,
    bucket: backups?.bucket,
    b2Endpoint: backups?.endpoint ?? "https://api.backblazeb2.com",
  };
}

/** The last part of `organization/project/stack`. */
const shortName = (stack: string): string => stack.split("/").at(-1) ?? stack;

/** The stack file: the named one, else that of PULUMI_OPTION_CONFIG_FILE (the engine's own variable), else Pulumi.<stack>.yaml. */
export const stackFileOf = (name: string, configFile?: string): string =>
  configFile ?? process.env["PULUMI_OPTION_CONFIG_FILE"] ?? join(repositoryRoot, `Pulumi.${shortName(name)}.yaml`);

/** Reads the text of a stack's file. */
function readStackFile(name: string, configFile?: string): { text: string; file: string; name: string } {
  const file = stackFileOf(name, configFile);
  if (existsSync(file)) return { text: readFileSync(file, "utf8"), file, name };
  throw new StackFileError(
    `there is no ${file}: name a stack with --stack; for the rehearsal's stack: npm run rehearse -- ops status`,
  );
}

/** Reads a stack by its name, or from the stack file that is named instead. */
export function readStack(name: string, configFile?: string): Stack {
  const { text, file } = readStackFile(name, configFile);
  return parseStack(text, file);
}

/** Reads a stack's side of the comparison with its server. */
export const readExpectations = (name: string, configFile?: string): PreflightArgs =>
  parseExpectations(readStackFile(name, configFile));
