import { credentialIn, isCredentialFile } from "../host/credentials";
import { fact, isKnown, resourceRule, type Fact } from "./rule";
import * as kinds from "./kinds";

/** The fields that are made to hold a credential, by the resource's type; `isSecret` in the state is the scan's to prove. */
const allowed: Readonly<Record<string, (at: string) => boolean>> = {
  [kinds.fileSet.type]: (at) => at.startsWith("entries.") && isCredentialFile(at.replace(/\.content$/, "")),
  [kinds.dockerProvider.type]: (at) => at.startsWith("registryAuth"),
  "pulumi:providers:b2": (at) => at.startsWith("applicationKey"),
  "pulumi:providers:github": (at) => at.startsWith("token"),
  "github:index/actionsSecret:ActionsSecret": (at) => /^(plaintextValue|value)$/.test(at),
  "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": (at) => /^(plaintextValue|value)$/.test(at),
};

/** Every text in a resource, with the way to it. */
function* texts(parent: Readonly<Record<string, unknown>>, path: string): Generator<Fact<unknown>> {
  for (const key of Object.keys(parent)) {
    const child = fact(path === "" ? key : `${path}.${key}`, () => parent[key]);
    const value = isKnown(child.value) ? child.value() : undefined;
    if (typeof value === "object" && value !== null) yield* texts(value as Record<string, unknown>, child.at);
    else yield child;
  }
}

const credentialOf = (value: unknown): string | undefined =>
  typeof value === "string" ? credentialIn(value) : undefined;

export const secretCredential = resourceRule({
  name: "secret-credential",
  why: "A field that is not made for it holds no credential: it would show in diffs, logs and on the host",
  source: "reliability.md 1.6",
  remedy:
    "put it into an environment file by `pulumi config set --secret`, and refer to it from there; then have its issuer replace it",
  facts: [
    {
      type: undefined,
      *facts({ type, props }) {
        const isAllowed = allowed[type] ?? (() => false);
        for (const text of texts(props, "")) if (!isAllowed(text.at)) yield text;
      },
    },
  ],
  holds: (value) => [undefined, "a private key"].includes(credentialOf(value)),
  show: (value) => `${credentialOf(value) ?? ""} (not shown, ${String(value).length} characters)`,
});

export const secretPrivateKey = resourceRule({
  name: "secret-private-key",
  why: "No private key is in any resource, not even in an environment file: keys are made where they are used",
  source: "design.md 5.5; issue 8, files",
  remedy:
    "leave it out: certbot makes the certificate's key on the host, and the deploy key is set in GitHub once (ops pipeline init)",
  facts: [{ type: undefined, facts: ({ props }) => texts(props, "") }],
  holds: (value) => credentialOf(value) !== "a private key",
  show: () => "a private key (not shown)",
});
