import * as docker from "@pulumi/docker";
import { HostError } from "./provider/host-error";
import { userError } from "./user-error";

/** What to do about an answer that is no digest, by the words Docker's plugin has for it. */
const remedies: readonly { readonly sign: RegExp; readonly hint: string }[] = [
  {
    sign: /404 Not Found/,
    hint: "the registry does not have this image: push it, or deploy a tag that it has: pulumi up -c imageTag=<commit sha>",
  },
  {
    sign: /40[13] /,
    hint: "log in to the registry: pulumi config set --path image.username <user>; pulumi config set --secret REGISTRY_TOKEN (on GitHub a token that may read:packages)",
  },
];

const fallback =
  "try again once the registry answers; going back needs none: pulumi up -c imageTag=$(pulumi stack output previousImageTag)";

/** Why a registry did not say what a name stands for, and what to do. */
export function explainRegistry(name: string, words: string): HostError {
  const cause = (/image version \S+ from registry: ([^]*)/.exec(words)?.[1] ?? words).trim();
  const hint = remedies.find(({ sign }) => sign.test(cause))?.hint ?? fallback;
  return new HostError({ operation: "look up image", target: name, cause, hint });
}

/**
 * The digest that a tag stands for in the registry, asked before anything is declared: where there is none, nothing is
 * touched.
 * @throws pulumi.RunError with the registry's words and the next step.
 */
export async function lookUpDigest(repository: string, tag: string, provider: docker.Provider): Promise<string> {
  const name = `${repository}:${tag}`;
  try {
    return (await docker.getRegistryImage({ name }, { provider })).sha256Digest;
  } catch (error) {
    throw userError(explainRegistry(name, error instanceof Error ? error.message : String(error)).message);
  }
}
