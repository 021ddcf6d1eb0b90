// Stands in for the engine while the whole program runs: records every resource as it is registered. The plugins' own
// checks, which fill in defaults, are the real ones for our plugin. Checked against the real engine by test/integration/policy.test.ts.
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import * as kinds from "../../policy/kinds";
import { certificateInputsSchema } from "../../host/certificate/inputs";
import { fileSetInputsSchema } from "../../host/file-set/inputs";
import { rolloutInputsSchema } from "../../host/rollout/inputs";
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
}

const digest = `sha256:${"a".repeat(64)}`;

/** What a plugin draws or computes by itself, by type. */
const drawn: Readonly<Record<string, object>> = {
  "pulumi:pulumi:StackReference": { outputs: {}, secretOutputNames: [] },
  "random:index/randomId:RandomId": { hex: "0a0b0c0d" },
  "docker:index/container:Container": { name: "memoryloop-1a2b3c4" },
  "random:index/randomPassword:RandomPassword": { result: "session" },
  "command:remote:Command": { stdout: "1.22.1\n" },
  "b2:index/bucket:Bucket": { bucketId: "b2-bucket-id" },
  "b2:index/applicationKey:ApplicationKey": { applicationKeyId: "key-id", applicationKey: "key" },
};

const answers: Readonly<Record<string, object>> = {
  "docker:index/getRegistryImage:getRegistryImage": { sha256Digest: digest },
  "vps:index:preflight": { warnings: [], rolledBack: [], served: [] },
};

const schemas = {
  "vps:index:FileSet": fileSetInputsSchema,
  "vps:index:Certificate": certificateInputsSchema,
  "vps:index:Rollout": rolloutInputsSchema,
} as const;

/** Inputs as the plugin's check hands them back to the engine. */
function checked(type: string, inputs: Record<string, unknown>): Record<string, unknown> {
  const { values } = parseProperties(inputs);
  const schema = schemas[type as keyof typeof schemas] as (typeof schemas)[keyof typeof schemas] | undefined;
  return schema ? schema.parse(values) : values;
}

function record(into: StackResource[]): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource: (request: RegisterResourceRequest, callback: Callback) => Promise<void>;
  };
  type Callback = (error: Error | null, response?: { getUrn(): string }) => void;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (request.getCustom() && response) {
        into.push({
          type: request.getType(),
          name: request.getName(),
          urn: response.getUrn(),
          props: checked(request.getType(), pulumi.runtime.deserializeProperties(request.getObject() ?? new Struct())),
          protect: request.getProtect() ?? false,
          deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
          dependencies: request.getDependenciesList(),
        });
      }
      callback(error, response);
    });
}

const plain = {
  app: { name: "memoryloop", domain: "memoryloop.test" },
  host: {
    host: "203.0.113.7",
    hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtd3lRLtxH1qNzq0rTJmzvBCSZQ2YbgS8dzJ0EJ7wAB",
  },
  image: { repository: "ghcr.io/nicholaspsmith/memoryloop" },
  certificate: { email: "ops@memoryloop.test" },
} as const;

const secrets = { ANTHROPIC_API_KEY: "sk-ant-api03-example-example", SENTRY_DSN: "dsn", NEXT_PUBLIC_SENTRY_DSN: "dsn" };

function configure(): void {
  const config = { ...plain, imageTag: "4f2c1e9", ...secrets };
  const texts = Object.entries(config).map(([key, value]) => [
    `memoryloop-infra:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const secretKeys = Object.keys(secrets).map((key) => `memoryloop-infra:${key}`);
  pulumi.runtime.setAllConfig(Object.fromEntries(texts) as Record<string, string>, secretKeys);
  process.env["PULUMI_CONFIG_SECRET_KEYS"] = JSON.stringify(secretKeys);
}

async function runProgram(): Promise<void> {
  const { default: program } = (await import("../../index")) as unknown as {
    default: () => Promise<unknown>;
  };
  await program();
}

async function runBackups(): Promise<void> {
  const { Backups } = await import("../../components/backups");
  new Backups("backups", {
    connection: { port: 22, user: "root", ...plain.host },
    app: plain.app,
    bucket: "memoryloop-backups",
    alert: { deadManUrl: "https://alive.example.com/memoryloop" },
  });
}

const workflow = `name: CI
on: { pull_request: {}, push: { branches: [main] } }
permissions: { contents: read }
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
      - uses: ./.github/actions/setup
`;

/** A resource by its token: the module of GitHub's types takes seconds to load. */
class Untyped extends pulumi.CustomResource {}

function runPipeline(): void {
  const github = (type: string, name: string, props: object) =>
    new Untyped(type, name, { repository: "memoryloop", ...props });
  github(kinds.repositoryFile.type, "ci", { file: ".github/workflows/ci.yml", content: workflow });
  github(kinds.environment.type, "production", {
    environment: "production",
    deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
  });
  github(kinds.deploymentPolicy.type, "main", { environment: "production", branchPattern: "main" });
}

/** Every resource that the program registers for a good configuration, with its backups and its pipeline. */
export async function goodStack(): Promise<readonly StackResource[]> {
  const registered: StackResource[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => ({
        id: `${name}-id`,
        state: { ...(inputs as object), ...drawn[type] },
      }),
      call: ({ token, inputs }) => answers[token] ?? (inputs as Record<string, unknown>),
    },
    "memoryloop-infra",
    "test",
    false,
    "organization",
  );
  acceptHooks();
  record(registered);
  configure();
  await runProgram();
  await runBackups();
  runPipeline();
  // Not in the public types: waits for every registration that is under way.
  await (pulumi.runtime as unknown as { waitForRPCs: () => Promise<void> }).waitForRPCs();
  return registered;
}
