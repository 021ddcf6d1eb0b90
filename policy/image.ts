import * as kinds from "./kinds";
import { fact, factsOf, resourceRule } from "./rule";

/** The parts of `[registry/]repository[:tag][@digest]`. */
function partsOf(reference: string) {
  const [, registry, repository, tag, digest] =
    /^(?:([^/@]*[.:][^/@]*|localhost)\/)?([^:@]+)(?::([^@]+))?(?:@(.+))?$/.exec(reference) ?? [];
  return { registry: registry ?? "docker.io", repository, tag, digest };
}

const references = [
  factsOf(kinds.container, ({ image }) => [fact("image", () => image)]),
  factsOf(kinds.remoteImage, ({ name }) => [fact("name", () => name)]),
  factsOf(kinds.rollout, ({ image }) => [fact("image", () => `${image.repository}:${image.tag}@${image.digest}`)]),
];

export const imageRepository = resourceRule({
  name: "image-repository",
  why: "An image comes from the project's own registry and repository: any other is somebody else's code",
  source: "data-model.md 1, Docker Image",
  remedy:
    "set image.repository to ghcr.io/<owner>/<repo> of the app, or allow it in the pack's configuration (registries, repositories)",
  // A registry on loopback is the rehearsal's: nothing of production can be reached through it.
  settings: { registries: ["ghcr.io", "127.0.0.1", "localhost"], repositories: ["nicholaspsmith/memoryloop"] },
  facts: references,
  holds: (reference, { registries, repositories }) => {
    const { registry, repository = "" } = partsOf(reference);
    return registries.includes(registry.replace(/:\d+$/, "")) && repositories.includes(repository);
  },
});

export const imageDigest = resourceRule({
  name: "image-digest",
  why: "An image is pinned by its digest: a tag can be moved to other content after it was tested",
  source: "OpenSSF Scorecard, Pinned-Dependencies",
  remedy: "refer to the image as <repository>@sha256:<64 hexadecimal digits>, as AppImage.reference does",
  facts: references,
  holds: (reference) => /^sha256:[0-9a-f]{64}$/.test(partsOf(reference).digest ?? ""),
});

export const imageTag = resourceRule({
  name: "image-tag",
  why: "A release is named by its commit, never by latest: only so is it known what runs and what a rollback returns to",
  source: "data-model.md 1, Docker Image",
  remedy: "deploy a commit: pulumi up -c imageTag=<commit sha, 7 to 40 hexadecimal digits>",
  facts: [factsOf(kinds.rollout, ({ image }) => [fact("image.tag", () => image.tag)])],
  holds: (tag) => /^[0-9a-f]{7,40}$/.test(tag),
});
