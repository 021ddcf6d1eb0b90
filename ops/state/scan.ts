import { z } from "zod";
import { credentialIn } from "../../policy/credential-formats";
import { isCredentialFile } from "../../policy/file-entries";
import * as kinds from "../../policy/kinds";

/** A stack's state as `pulumi stack export` prints it, without `--show-secrets`: a secret is a box that holds a cipher text. */
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

/** What is wrong in a state, where, and what to do. */
export interface Finding {
  readonly urn: string;
  readonly problem: string;
  readonly remedy: string;
}

/** The engine's mark on a value that is not plain, and the one for a secret. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const isSecret = (value: unknown): boolean =>
  isObject(value) && value[signature] === secretSignature && typeof value["ciphertext"] === "string";

/** Everything that stands in clear below a value, with the way to it. */
function* inClear(value: unknown, at: string): Generator<[at: string, text: string]> {
  if (isSecret(value)) return;
  if (typeof value === "string") yield [at, value];
  else if (isObject(value)) for (const [key, child] of Object.entries(value)) yield* inClear(child, `${at}.${key}`);
}

const clearTexts = ({ inputs, outputs }: StateResource): [at: string, text: string][] => [
  ...inClear(inputs, "inputs"),
  ...inClear(outputs, "outputs"),
];

/** The fields that must be secret, by the resource's type. */
const secretFields: Readonly<Record<string, (at: string) => boolean>> = {
  [kinds.fileSet.type]: (at) => at.endsWith(".content") && isCredentialFile(at.replace(/\.content$/, "")),
  [kinds.applicationKey.type]: (at) => at === "outputs.applicationKey",
  [kinds.dockerProvider.type]: (at) => at.startsWith("inputs.registryAuth") && at.endsWith("password"),
  "random:index/randomPassword:RandomPassword": (at) => /^outputs\.(result|bcryptHash)$/.test(at),
};

const bytesInClear = ({ urn, type }: StateResource): Finding[] =>
  type === "random:index/randomBytes:RandomBytes"
    ? [
        {
          urn,
          problem: "holds its value in clear: the id of RandomBytes is its value, and no id is encrypted",
          remedy: "draw a random.RandomPassword instead and run pulumi up; then treat the old value as known",
        },
      ]
    : [];

function secretsOf(resource: StateResource): Finding[] {
  const mustBeSecret = secretFields[resource.type] ?? (() => false);
  return clearTexts(resource).flatMap(([at, text]) => {
    const what = mustBeSecret(at) ? "a value that must be secret" : credentialIn(text);
    if (what === undefined) return [];
    const remedy = "wrap it with pulumi.secret, run pulumi up, and have its issuer replace it: old states keep it";
    return [{ urn: resource.urn, problem: `${at} holds ${what} in clear (not shown)`, remedy }];
  });
}

/** What the engine must only forget, never remove: the Rollout ends the life of a release. */
const isOfRelease = ({ type, inputs }: StateResource): boolean =>
  type === kinds.container.type ||
  (type === kinds.fileSet.type && /-environment-[0-9a-f]+$/.test(String(inputs["set"])));

function optionsOf(resource: StateResource): Finding[] {
  const { urn } = resource;
  const retained = {
    urn,
    problem: "is not retained: a replacement or a destroy would take down what serves",
    remedy: "set the resource option retainOnDelete to true and run pulumi up",
  };
  const protection = {
    urn,
    problem: "is not protected: a destroy would take the backups along",
    remedy: "set the resource option protect to true and run pulumi up, or: pulumi state protect <urn>",
  };
  return [
    ...(isOfRelease(resource) && !resource.retainOnDelete ? [retained] : []),
    ...(resource.type === kinds.bucket.type && !resource.protect ? [protection] : []),
  ];
}

function encryptionOf({ deployment }: ExportedState): Finding[] {
  const type = deployment.secrets_providers?.type;
  if (type !== undefined && type !== "b64") return [];
  const remedy = "pulumi stack change-secrets-provider passphrase";
  return [{ urn: "the stack", problem: "has no secrets provider: its secrets are not encrypted", remedy }];
}

/**
 * What policies cannot see (they get secrets unwrapped, and no `retainOnDelete`): whether what must be secret is, and
 * nothing else holds a credential; whether releases are retained and the bucket is protected.
 */
export const scanState = (state: ExportedState): Finding[] => [
  ...encryptionOf(state),
  ...state.deployment.resources.flatMap((resource) => [
    ...secretsOf(resource),
    ...bytesInClear(resource),
    ...optionsOf(resource),
  ]),
];
