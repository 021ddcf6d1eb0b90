import { configSchema } from "../../../config";
import { imageProblems, numericUser } from "../../../host/image/image-facts";
import type { TaggedImage } from "../../../host/image/registry";
import { isCommit } from "../../../host/rollout/version";
import { bad, good, type Form } from "../verdict";

const { repository: repositorySchema } = configSchema.shape.image.shape;

/** An image with its tag; the tag is empty where the answer has none. */
export interface Reference {
  readonly repository: string;
  readonly tag: string;
}

const example = "give it as ghcr.io/owner/app:4f2c1e9";

/** `repository[:tag]`. */
export function checkReference(answer: string): Form<Reference> {
  const text = answer.trim();
  if (text === "") return bad("the program needs an image", example);
  if (text.includes("://")) return bad(`${text} is a URL`, `leave out ${text.split("//")[0] ?? ""}//; ${example}`);
  if (text.includes("@"))
    return bad(`${text} names a digest`, `give a tag instead, which the releases are named by; ${example}`);
  const [, repository = text, tag = ""] = /^(.*?)(?::([\w][\w.-]{0,127}))?$/.exec(text) ?? [];
  if (repository !== repository.toLowerCase())
    return bad(`${repository} has upper case letters, which registries refuse`, `give ${text.toLowerCase()}`);
  if (!repositorySchema.safeParse(repository).success) return bad(`${text} is not an image with its registry`, example);
  if (tag === "latest")
    return bad(
      "the tag latest changes its content, so it cannot name a release",
      "push the image with its commit as tag",
    );
  return good({ repository, tag });
}

/** The address without TLS that a stack file has (`image.registry`), for an image of that registry only. */
export const withoutTls = (registry: string | undefined, { repository }: Reference): string | undefined =>
  registry?.replace(/^http:\/\/|\/$/g, "") === repository.split("/")[0] ? registry : undefined;

/** The registry's answer about a tag. */
export type RegistryAnswer =
  | { readonly kind: "found"; readonly image: TaggedImage }
  | { readonly kind: "refused"; readonly status: number; readonly tags: readonly string[] }
  | { readonly kind: "unreachable"; readonly cause: string };

/** The image, and the settings that it decides. */
export interface ChosenImage extends Reference {
  readonly needsLogin: boolean;
  readonly port?: number | undefined;
  readonly user?: number | undefined;
  readonly volumes: readonly string[];
  /** Whether the tag is a commit. The policy pack permits other tags only with `image.tags: any`. */
  readonly isCommit: boolean;
}

const newest = (tags: readonly string[]): string =>
  tags
    .filter((tag) => tag !== "latest")
    .slice(-5)
    .join(", ");

/** Whether a login was refused, or none was given to a registry that wants one. Docker Hub and GHCR say 401 or 403. */
const wantsLogin = (status: number): boolean => status === 401 || status === 403;

function checkRefusal(reference: Reference, status: number, tags: readonly string[], hasLogin: boolean) {
  const { repository, tag } = reference;
  if (wantsLogin(status) && hasLogin)
    return bad(
      `the registry refuses the login for ${repository}`,
      "give a token that may read packages (GitHub: a classic token with read:packages)",
    );
  if (wantsLogin(status)) return good({ ...reference, needsLogin: true, volumes: [], isCommit: isCommit(tag) });
  if (status === 404 && tags.length > 0)
    return bad(
      `${repository} has no tag ${tag}; its last tags are ${newest(tags)}`,
      "push the tag, or give one of these",
    );
  if (status === 404)
    return bad(`the registry has no ${repository}:${tag}`, "build and push the image, then answer again");
  return bad(`the registry answered ${status}`, "try again; the registry has a problem");
}

const ambiguous = (ports: readonly number[]): string => `it exposes ${ports.join(", ")}; app.port is the first`;

function checkFound(reference: Reference, found: TaggedImage, architecture: string | undefined): Form<ChosenImage> {
  const problems = imageProblems(found.images, { architecture, platforms: [], user: undefined, variables: {} });
  if (problems.length > 0)
    return bad(
      `${reference.repository}:${reference.tag}: ${problems.join("\n")}`,
      "push a corrected image, under another tag",
    );
  const [port] = found.ports;
  const user = numericUser(found.images[0]?.user ?? "");
  const { volumes } = found;
  const chosen = { ...reference, needsLogin: false, port, user, volumes, isCommit: isCommit(reference.tag) };
  const platforms = found.images.map(({ platform }) => platform).join(", ");
  const notes = [
    `image: ${platforms}, USER ${user ?? ""}, ${port === undefined ? "no EXPOSE, so app.port is 3000" : `port ${port}`}`,
  ];
  return good(chosen, ...notes, ...(found.ports.length > 1 ? [ambiguous(found.ports)] : []));
}

/** Whether the image can run on the server. `hasLogin`: the registry was asked with a login. */
export function checkImage(
  reference: Reference,
  answer: RegistryAnswer,
  server: { readonly architecture: string | undefined; readonly hasLogin: boolean },
): Form<ChosenImage> {
  switch (answer.kind) {
    case "unreachable":
      return bad(
        `the registry of ${reference.repository} does not answer: ${answer.cause}`,
        "check the registry's name and your network",
      );
    case "refused":
      return checkRefusal(reference, answer.status, answer.tags, server.hasLogin);
    case "found":
      return checkFound(reference, answer.image, server.architecture);
  }
}

/** An answer without a tag. */
export function checkTags({ repository }: Reference, tags: readonly string[]): Form<never> {
  if (tags.length === 0)
    return bad(`${repository} has no tag yet`, "build the image, push it with its commit as tag, and answer again");
  return bad(`the answer has no tag; the last ones are ${newest(tags)}`, `give ${repository}:${tags.at(-1) ?? ""}`);
}
