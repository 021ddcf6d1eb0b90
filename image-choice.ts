import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "./config";
import { lookUpDigest } from "./image-digest";
import type { Withdrawal } from "./provider/rollout/deployment";
import { preflight } from "./resources/preflight";
import { chooseImageTag, knownDigest, type LastOutputs } from "./stack-outputs";
import { userError } from "./user-error";

/** What decides which tag is deployed. */
export interface Wish {
  /** Asked for: `-c imageTag=...`. */
  readonly asked?: string | undefined;
  /** Asked for though it was taken back: `-c force=...`. */
  readonly force?: string | undefined;
  /** What the stack's last outputs say. */
  readonly deployed?: string | undefined;
}

const takenBack = ({ tag, serving, by, at, reason }: Withdrawal): string =>
  `image tag ${tag} was taken back by ${by} at ${at} (${reason}): the site runs ${serving}`;

/**
 * The tag to deploy in view of what was taken back on the host: a plain `up` keeps what the operator went back to.
 * @throws pulumi.RunError where the tag that was asked for was taken back and is not asked for by force, and where the stack
 * does not know of that yet: nothing would differ, so nothing would be deployed.
 */
export function standingTag(tag: string, { asked, force, deployed }: Wish, withdrawn: readonly Withdrawal[]): string {
  const withdrawal = withdrawn.find((one) => one.tag === tag);
  if (withdrawal === undefined) return tag;
  if (asked === undefined) return withdrawal.serving;
  const forced = `pulumi up -c imageTag=${tag} -c force=${tag}`;
  if (force !== tag) {
    throw userError(
      `${takenBack(withdrawal)}\n  next: deploy a commit that mends it; ${withdrawal.serving} stays with a plain \`pulumi up\`; to deploy ${tag} all the same: ${forced}`,
    );
  }
  if (deployed === tag) {
    throw userError(
      `${takenBack(withdrawal)}, and the stack does not know it yet\n  next: run \`pulumi up\`, which takes it over, then: ${forced}`,
    );
  }
  return tag;
}

/**
 * Looks at the host and says which image to deploy.
 * @throws pulumi.RunError when the host lacks something, the registry does not know the tag, or the tag was taken back.
 */
export async function chooseImage(
  { connection, app, image, imageTag: asked, force }: StackConfig,
  last: LastOutputs,
  provider: docker.Provider,
): Promise<{ readonly tag: string; readonly digest: string }> {
  const digestOf = (tag: string) => knownDigest(tag, last) ?? lookUpDigest(image.repository, tag, provider);
  const first = chooseImageTag(asked, last);
  const [digest, withdrawn] = await Promise.all([digestOf(first), preflight(connection, app)]);
  const tag = standingTag(first, { asked, force, deployed: last.imageTag }, withdrawn);
  if (tag === first) return { tag, digest };
  void pulumi.log.info(`the host went back from ${first} to ${tag} (ops rollback --now): this update takes it over`);
  return { tag, digest: await digestOf(tag) };
}
