import { z } from "zod";
import { credentialIn, isCredentialFile } from "../../host/credentials";

/** The state of a stack, as `pulumi stack export` prints it without `--show-secrets`: a secret is an object with its ciphertext. */
export const exportedStateSchema = z.object({
  deployment: z.object({
    secrets_providers: z.object({ type: z.string() }).optional(),
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          protect: z.boolean().default(false),
          retainOnDelete: z.boolean().default(false),
          inputs: z.record(z.string(), z.unknown()).default({}),
          outputs: z.record(z.string(), z.unknown()).default({}),
        }),
      )
      .default([]),
  }),
});

export type ExportedState = z.output<typeof exportedStateSchema>;
type StateResource = ExportedState["deployment"]["resources"][number];

/** A problem in a state: the resource, the problem itself, and how to fix it. */
export interface StateProblem {
  readonly urn: string;
  readonly problem: string;
  readonly fix: string;
}

/** The engine marks each special value with the first signature, and a secret also with the second. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const isSecret = (value: unknown): boolean =>
  isObject(value) && value[signature] === secretSignature && typeof value["ciphertext"] === "string";

/** Each plain text inside a value, with its path. */
function* plainTexts(value: unknown, at: string): Generator<[at: string, text: string]> {
  if (isSecret(value)) return;
  if (typeof value === "string") yield [at, value];
  else if (isObject(value)) for (const [key, child] of Object.entries(value)) yield* plainTexts(child, `${at}.${key}`);
}

const textsOf = ({ inputs, outputs }: StateResource): [at: string, text: string][] => [
  ...plainTexts(inputs, "inputs"),
  ...plainTexts(outputs, "outputs"),
];

/** Resource types as the state names them. */
const types = {
  fileSet: "vps:index:FileSet",
  container: "docker:index/container:Container",
  dockerProvider: "pulumi:providers:docker",
  bucket: "b2:index/bucket:Bucket",
  applicationKey: "b2:index/applicationKey:ApplicationKey",
} as const;

/** The fields that must be secret, by the resource's type. */
const secretFields: Readonly<Record<string, (at: string) => boolean>> = {
  [types.fileSet]: (at) => at.endsWith(".content") && isCredentialFile(at.replace(/\.content$/, "")),
  [types.container]: (at) => /^(inputs|outputs)\.envs\b/.test(at),
  [types.applicationKey]: (at) => at === "outputs.applicationKey",
  [types.dockerProvider]: (at) => at.startsWith("inputs.registryAuth") && at.endsWith("password"),
  "random:index/randomPassword:RandomPassword": (at) => /^outputs\.(result|bcryptHash)$/.test(at),
};

const plainBytesOf = ({ urn, type }: StateResource): StateProblem[] =>
  type === "random:index/randomBytes:RandomBytes"
    ? [
        {
          urn,
          problem: "stores its value in plain text: the id of RandomBytes is its value, and ids are not encrypted",
          fix: "use random.RandomPassword instead and run pulumi up. Replace the old value everywhere: it is no longer secret",
        },
      ]
    : [];

function plainSecretsOf(resource: StateResource): StateProblem[] {
  const mustBeSecret = secretFields[resource.type] ?? (() => false);
  return textsOf(resource).flatMap(([at, text]) => {
    const kind = mustBeSecret(at) ? "a value that must be secret" : credentialIn(text);
    if (kind === undefined) return [];
    const fix =
      "wrap it with pulumi.secret and run pulumi up. Then replace the credential at its issuer: old states still have it";
    return [{ urn: resource.urn, problem: `${at} stores ${kind} in plain text (not shown)`, fix }];
  });
}

/** Resources of a release. The engine must not remove them: the Rollout stops and removes releases. */
const isOfRelease = ({ type, inputs }: StateResource): boolean =>
  type === types.container || (type === types.fileSet && /-environment-[0-9a-f]+$/.test(String(inputs["set"])));

function optionsOf(resource: StateResource): StateProblem[] {
  const { urn } = resource;
  const retained = {
    urn,
    problem: "is not retained: a replacement or a destroy would stop the release that serves",
    fix: "set the resource option retainOnDelete to true and run pulumi up",
  };
  const protection = {
    urn,
    problem: "is not protected: a destroy would delete the backups",
    fix: "set the resource option protect to true and run pulumi up, or run: pulumi state protect <urn>",
  };
  return [
    ...(isOfRelease(resource) && !resource.retainOnDelete ? [retained] : []),
    ...(resource.type === types.bucket && !resource.protect ? [protection] : []),
  ];
}

function encryptionOf({ deployment }: ExportedState): StateProblem[] {
  const type = deployment.secrets_providers?.type;
  if (type !== undefined && type !== "b64") return [];
  const fix = "run: pulumi stack change-secrets-provider passphrase";
  return [{ urn: "the stack", problem: "has no secrets provider: its secrets are not encrypted", fix }];
}

/**
 * Checks what a policy cannot see (docs/decisions/0028): each secret is encrypted, no other field holds a credential,
 * releases are retained, and the bucket is protected.
 */
export const scanState = (state: ExportedState): StateProblem[] => [
  ...encryptionOf(state),
  ...state.deployment.resources.flatMap((resource) => [
    ...plainSecretsOf(resource),
    ...plainBytesOf(resource),
    ...optionsOf(resource),
  ]),
];
