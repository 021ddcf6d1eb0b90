// Replaces the engine while the whole program runs, and records every registered resource. The checks of the program's own
// plugin, which add defaults, are real. The checks of the other plugins imitate the files in rehearsal/recordings.
// test/integration/policy.test.ts compares with the real engine.
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { configSchema } from "../../config";
import { workflowFiles } from "../../github/workflow-files";
import { propose } from "../../github/workflow-proposal";
import { certificateInputsSchema } from "../../host/certificate/inputs";
import { fileSetInputsSchema } from "../../host/file-set/inputs";
import { rolloutInputsSchema } from "../../host/rollout/inputs";
import * as kinds from "../../policy/kinds";
import { parseSettings, type StackSettings } from "../../policy/stack-settings";
import { parseProperties } from "../../provider/wire";
import { acceptHooks } from "./mocks";

/** A resource as policies see it. */
export interface StackResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly props: Record<string, unknown>;
  readonly protect: boolean;
  readonly deleteBeforeReplace: boolean | undefined;
  readonly dependencies: readonly string[];
  readonly ignoreChanges?: readonly string[];
}

/** All resources that the program registers for a configuration, and the policy pack's settings from it. */
export interface GoodStack {
  readonly resources: readonly StackResource[];
  readonly settings: StackSettings | undefined;
}

const digest = `sha256:${"a".repeat(64)}`;

/** Values that a plugin generates or computes, by type. */
const drawn: Readonly<Record<string, object>> = {
  "random:index/randomId:RandomId": { hex: "0a0b0c0d" },
  "random:index/randomPassword:RandomPassword": { result: "session" },
  "command:remote:Command": { stdout: "1.22.1\n" },
  "b2:index/bucket:Bucket": { bucketId: "b2-bucket-id" },
  "b2:index/applicationKey:ApplicationKey": { applicationKeyId: "key-id", applicationKey: "key" },
  "vps:index:Certificate": { ocspResponder: "http://ocsp.example.com" },
};

/** The engine names a container after its resource. */
const named = (type: string, name: string): object =>
  type === kinds.container.type ? { name: `${name}-1a2b3c4` } : {};

const answers: Readonly<Record<string, object>> = {
  "docker:index/getRegistryImage:getRegistryImage": { sha256Digest: digest },
  // A bucket in the state: the program then asks B2 nothing.
  "pulumi:pulumi:readStackResourceOutputs": { outputs: { "b2:index/bucket:Bucket::backups-bucket": {} } },
  "vps:index:readImage": {
    images: [{ platform: "linux/amd64", user: "app", environment: { NODE_ENV: "production" } }],
  },
  "vps:index:preflight": { warnings: [], rolledBack: [], served: [], subnet: "10.213.0.0/16", identity: "" },
};

/** The address of a server that is off. */
export const silentAddress = "203.0.113.99";

const isSilent = ({ connection }: Record<string, unknown>): boolean =>
  (connection as { host?: string } | undefined)?.host === silentAddress;

/** The preflight takes the subnet that the configuration asks for. */
const answerTo = (token: string, inputs: Record<string, unknown>): Record<string, unknown> => ({
  ...(answers[token] ?? inputs),
  ...(token === "vps:index:preflight" && "subnet" in inputs && { subnet: inputs["subnet"] }),
  ...(token === "vps:index:reach" && { cause: isSilent(inputs) ? "ETIMEDOUT" : "" }),
});

const schemas = {
  "vps:index:FileSet": fileSetInputsSchema,
  "vps:index:Certificate": certificateInputsSchema,
  "vps:index:Rollout": rolloutInputsSchema,
} as const;

/** Inputs that the check of the Docker plugin adds. */
const added: Readonly<Record<string, object>> = {
  [kinds.container.type]: {
    containerReadRefreshTimeoutMilliseconds: 15_000,
    networkMode: "bridge",
    removeVolumes: true,
    start: true,
    waitTimeout: 60,
  },
  [kinds.network.type]: { ipamDriver: "default" },
};

/** Inputs whose keys the user chooses. The plugin does not mark them. */
const isMap = (key: string): boolean => ["keepers", "logOpts", "options", "tmpfs"].includes(key);

/** A plugin that bridges a Terraform provider marks every other object with the names of its default inputs. */
function withMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMarks);
  if (typeof value !== "object" || value === null) return value;
  const children = Object.entries(value).map(([key, child]) => [key, isMap(key) ? child : withMarks(child)] as const);
  return { ...Object.fromEntries(children), __defaults: [] };
}

const isBridged = (type: string): boolean => /^(docker|github|random):/.test(type);

/** Inputs as the plugin's check returns them to the engine. */
function checked(type: string, inputs: Record<string, unknown>): Record<string, unknown> {
  const { values } = parseProperties(inputs);
  const schema = schemas[type as keyof typeof schemas] as (typeof schemas)[keyof typeof schemas] | undefined;
  if (schema) return schema.parse(values);
  return isBridged(type) ? (withMarks({ ...values, ...added[type] }) as Record<string, unknown>) : values;
}

function record(into: StackResource[]): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource: (request: RegisterResourceRequest, callback: Callback) => Promise<void>;
  };
  type Callback = (error: Error | null, response?: { getUrn(): string }) => void;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response) {
        into.push({
          type: request.getType(),
          name: request.getName(),
          urn: response.getUrn(),
          props: checked(request.getType(), pulumi.runtime.deserializeProperties(request.getObject() ?? new Struct())),
          protect: request.getProtect() ?? false,
          deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
          dependencies: request.getDependenciesList(),
          ignoreChanges: request.getIgnorechangesList(),
        });
      }
      callback(error, response);
    });
}

const project = "memoryloop-infra";

/** A configuration with every part of the program. */
export const fullConfiguration = {
  app: { name: "memoryloop", domain: "memoryloop.test", user: 1001 },
  host: {
    host: "203.0.113.7",
    hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wAB",
    deployKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wAC ci@github"],
  },
  image: { repository: "ghcr.io/nicholaspsmith/memoryloop", username: "nicholaspsmith" },
  imageTag: "4f2c1e9",
  certificate: { email: "ops@memoryloop.test" },
  variables: {
    NODE_ENV: "production",
    NEXTAUTH_SECRET: { secret: true, generate: true },
    ANTHROPIC_API_KEY: { secret: true },
    SENTRY_DSN: { secret: true },
    NEXT_PUBLIC_SENTRY_DSN: { scope: "both" },
    SENTRY_AUTH_TOKEN: { scope: "build", secret: true },
    OLLAMA_BASE_URL: "http://host.docker.internal:11434",
  },
  backups: { bucket: "memoryloop-backups", alert: { deadManUrl: "https://alive.example.com/memoryloop" } },
  alerts: { slack: "https://hooks.slack.com/services/T0/B0/example" },
  pipeline: {
    owner: "nicholaspsmith",
    repository: "memoryloop",
    infra: { repository: "nicholaspsmith/memoryloop-infra", ref: "0a".repeat(20) },
  },
};

const secrets = {
  ANTHROPIC_API_KEY: "sk-ant-api03-example-example",
  SENTRY_DSN: "https://0a0b0c0d@errors.example.com/1",
  NEXT_PUBLIC_SENTRY_DSN: "https://0a0b0c0d@errors.example.com/1",
  REGISTRY_TOKEN: "correct horse battery staple",
};

/** The sections of a stack file. An undefined one is not set. */
type Configuration = Readonly<Record<string, object | string | undefined>>;

const githubSchema = configSchema.pick({ app: true, host: true, image: true, variables: true, pipeline: true }).strip();

/** The engine marks a section with one secret in it as a whole. */
const secretKeysOf = (configuration: object): string[] =>
  [...Object.keys(secrets), ...["site", "alerts"].filter((key) => key in configuration)].map(
    (key) => `${project}:${key}`,
  );

const textsOf = (configuration: Configuration): Record<string, string> =>
  Object.fromEntries(
    Object.entries<object | string | undefined>({ ...configuration, ...secrets })
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [`${project}:${key}`, typeof value === "string" ? value : JSON.stringify(value)]),
  );

async function runProgram(): Promise<void> {
  const { default: program } = (await import("../../index")) as unknown as { default: () => Promise<unknown> };
  await program();
}

/** The GitHub side, which is a stack of its own, as ops/github/index.ts declares it. */
async function runPipeline(configuration: Configuration): Promise<void> {
  const { app, host, image, variables, pipeline } = githubSchema.parse(configuration);
  if (pipeline === undefined) return;
  const { Pipeline } = await import("../../components/pipeline");
  const files = workflowFiles({ app, host, image, variables, stack: `organization/${project}/test`, ...pipeline });
  const proposal = pipeline.workflowsBy === "commit" ? undefined : propose(files, undefined, undefined);
  new Pipeline("pipeline", { app, files, proposal, hasProtections: true, ...pipeline });
}

async function allRegistered(): Promise<void> {
  // Not in the public types: waits for every registration in progress.
  await (pulumi.runtime as unknown as { waitForRPCs: () => Promise<void> }).waitForRPCs();
}

/** The settings that the pack gets from a configuration. */
export const settingsOf = (configuration: Configuration): StackSettings | undefined =>
  parseSettings({
    project,
    values: new Map(Object.entries(textsOf(configuration))),
    secretKeys: secretKeysOf(configuration),
  });

/** Runs the program with a configuration. Calls must not overlap: the runtime of Pulumi is global. */
export async function goodStack(configuration: Configuration = fullConfiguration): Promise<GoodStack> {
  const resources: StackResource[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => ({
        id: `${name}-id`,
        state: { ...(inputs as object), ...drawn[type], ...named(type, name) },
      }),
      call: ({ token, inputs }) => answerTo(token, inputs as Record<string, unknown>),
    },
    project,
    "test",
    false,
    "organization",
  );
  acceptHooks();
  record(resources);
  const texts = textsOf(configuration);
  const secretKeys = secretKeysOf(configuration);
  pulumi.runtime.setAllConfig(texts, secretKeys);
  process.env["PULUMI_CONFIG_SECRET_KEYS"] = JSON.stringify(secretKeys);
  await runProgram();
  await runPipeline(configuration);
  await allRegistered();
  return { resources, settings: settingsOf(configuration) };
}
