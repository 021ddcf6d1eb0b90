import * as kinds from "./kinds";
import { byCondition, condition, fact, factsOf, resourceRule, stackRule } from "./rule";

/** `<registry and repository>[:tag][@digest]` */
function partsOf(reference: string) {
  const [, repository = "", , digest] = /^(.+?)(:[^/:@]+)?(?:@(.+))?$/.exec(reference) ?? [];
  return { repository, digest };
}

const ofRollout = ({ image }: kinds.Rollout): string => `${image.repository}:${image.tag}@${image.digest}`;

const references = [
  factsOf(kinds.container, ({ image }) => [fact("image", () => image)]),
  factsOf(kinds.remoteImage, ({ name }) => [fact("name", () => name)]),
  factsOf(kinds.rollout, (rollout) => [fact("image", () => ofRollout(rollout))]),
];

export const imageRepository = resourceRule({
  name: "image-repository",
  why: "The image comes from the configured repository. An image from another repository is code that nobody of this project built",
  source: "docs/data-model.md section 1",
  fix: "use AppImage, which takes image.repository of the stack's configuration; set that key to deploy from another repository",
  facts: references,
  holds: (reference, { stack }) => !stack || partsOf(reference).repository === stack.image.repository,
});

/** A commit, alone or after a word, as docker/metadata-action writes it: `sha-4f2c1e9`. */
const commitTag = /^(?:[A-Za-z0-9_.-]*[-_.])?[0-9a-f]{7,40}$/;

/** Names that people move to other content: a word without a digit, such as `latest` or `main`. */
const movingTag = /^\D+$/;

const isPinned = (reference: string): boolean => /^sha256:[0-9a-f]{64}$/.test(partsOf(reference).digest ?? "");

export const imagePinned = resourceRule({
  name: "image-pinned",
  why: "An image is pinned by its digest, and its release is named by a commit. A tag such as `latest` can be moved to other content, and then nobody knows which code runs or what a rollback returns to",
  source: "OpenSSF Scorecard, Pinned-Dependencies; docs/data-model.md section 1",
  fix: "refer to the image as <repository>@sha256:<digest>, as AppImage does, and deploy a commit: pulumi up -c imageTag=<commit>",
  facts: [
    factsOf(kinds.container, ({ image }) => [condition("image", () => image, isPinned)]),
    factsOf(kinds.remoteImage, ({ name }) => [condition("name", () => name, isPinned)]),
    factsOf(kinds.rollout, (rollout, _, stack) => [
      condition("image", () => ofRollout(rollout), isPinned),
      condition(
        "image.tag",
        () => rollout.image.tag,
        (tag) => commitTag.test(tag) || (stack?.image.tags === "any" && !movingTag.test(tag)),
      ),
    ]),
  ],
  ...byCondition,
});

function identityOf(reference: string): string {
  const { repository, digest } = partsOf(reference);
  return `${repository}@${digest ?? ""}`;
}

export const imageAgreement = stackRule({
  name: "image-agreement",
  why: "The container runs the image that was pulled and that the Rollout records. Otherwise the records name another image than the active one",
  source: "docs/data-model.md section 1",
  fix: "give the container, the RemoteImage and the Rollout the same AppImage",
  *facts(stack) {
    yield fact("image of container, RemoteImage and Rollout", () => [
      ...new Set([
        ...kinds.resourcesOf(stack, kinds.container).map(({ props }) => identityOf(props.image)),
        ...kinds.resourcesOf(stack, kinds.remoteImage).map(({ props }) => identityOf(props.name)),
        ...kinds.resourcesOf(stack, kinds.rollout).map(({ props }) => identityOf(ofRollout(props))),
      ]),
    ]);
  },
  holds: (images) => images.length <= 1,
});
