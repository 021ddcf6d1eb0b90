import { credentialIn, isCredentialFile } from "../host/credentials";
import * as kinds from "./kinds";
import { fact, isKnown, resourceRule, type Fact } from "./rule";
import type { StackSettings } from "./stack-settings";

/** The fields that are made for a credential. Whether the state encrypts them is checked by `npm run scan:state`. */
const credentialFields: Readonly<Record<string, (at: string) => boolean>> = {
  [kinds.fileSet.type]: (at) => at.startsWith("entries.") && isCredentialFile(at.replace(/\.content$/, "")),
  [kinds.container.type]: (at) => at.startsWith("envs."),
  [kinds.dockerProvider.type]: (at) => at.startsWith("registryAuth"),
};

/** Every text in a resource, with its path. */
function* texts(parent: Readonly<Record<string, unknown>>, path: string): Generator<Fact<unknown>> {
  for (const key of Object.keys(parent)) {
    const child = fact(path === "" ? key : `${path}.${key}`, () => parent[key]);
    const value = isKnown(child.value) ? child.value() : undefined;
    if (typeof value === "object" && value !== null) yield* texts(value as Record<string, unknown>, child.at);
    else yield child;
  }
}

/** The kind of secret in a text: a credential by its format, or a value of the stack's own secrets. */
function secretIn(value: unknown, stack: StackSettings | undefined): string | undefined {
  if (typeof value !== "string") return undefined;
  const format = credentialIn(value);
  if (format !== undefined) return format;
  return stack?.secrets.some((secret) => value.includes(secret)) ? "a secret of the stack's configuration" : undefined;
}

const privateKey = "a private key";

interface Found {
  readonly kind: string | undefined;
  readonly length: number;
}

export const secretPlainText = resourceRule({
  name: "secret-plain-text",
  why: "A field that is not made for a credential holds none. The credential would be visible in diffs, in logs and on the server",
  source: "OWASP Secrets Management Cheat Sheet; docs/decisions/0023-secrets-and-the-engine.md",
  fix: "set it with `pulumi config set --secret` and let the environment file carry it; then replace the credential at its issuer",
  facts: [
    {
      type: undefined,
      *facts({ type, props }, stack) {
        const isMadeForIt = credentialFields[type] ?? (() => false);
        for (const { at, value } of texts(props, "")) {
          if (isMadeForIt(at)) continue;
          yield fact(at, (): Found => {
            const text = value();
            return { kind: secretIn(text, stack), length: String(text).length };
          });
        }
      },
    },
  ],
  holds: ({ kind }) => kind === undefined || kind === privateKey,
  show: ({ kind, length }) => `${kind ?? ""} (not shown, ${length} characters)`,
});

export const secretPrivateKey = resourceRule({
  name: "secret-private-key",
  why: "No resource holds a private key, and no environment file does. A key stays where it was made",
  source: "docs/decisions/0019-ssh-agent-only-and-pinned-host-key.md",
  fix: "remove it: certbot makes the key of the certificate on the server, and `ops pipeline init` hands the deploy key to GitHub",
  facts: [{ type: undefined, facts: ({ props }) => texts(props, "") }],
  holds: (value) => typeof value !== "string" || credentialIn(value) !== privateKey,
  show: () => "a private key (not shown)",
});
