/** Where an image name points. */
export interface ImageReference {
  readonly registry: string;
  readonly repository: string;
  /** A tag, or a digest where the name has one. */
  readonly reference: string;
}

const dockerHub = "registry-1.docker.io";

/** Splits an image name as Docker's provider does: a first part with a dot or colon is a registry, no tag is `latest`. */
export function registryOf(name: string): ImageReference {
  const [head = "", ...tail] = name.split("/");
  const hasRegistry = tail.length > 1 || (tail.length > 0 && (/[.:]/.test(head) || head === "localhost"));
  const registry = hasRegistry ? head : dockerHub;
  const path = hasRegistry ? tail.join("/") : name;
  const [tagged = "", digest] = path.split("@", 2);
  const [repository = "", tag] = tagged.split(":", 2);
  const official = !hasRegistry && !repository.includes("/");
  return {
    registry,
    repository: official ? `library/${repository}` : repository,
    reference: digest ?? tag ?? "latest",
  };
}

/** An image name as `POST /images/create` takes it. Without a tag Docker would pull every one. */
export interface PullName {
  readonly fromImage: string;
  /** A tag or a digest. */
  readonly tag: string;
}

/** Docker's arguments to pull an image. */
export function pullName(name: string): PullName {
  const { registry, repository, reference } = registryOf(name);
  return { fromImage: registry === dockerHub ? repository : `${registry}/${repository}`, tag: reference };
}
