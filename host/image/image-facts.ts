import { z } from "zod";

export const imageFactsSchema = z.object({
  /** Such as `linux/amd64`. */
  platform: z.string(),
  /** The image's USER as it is written; empty without one. */
  user: z.string(),
  /** The image's ENV. */
  environment: z.record(z.string(), z.string()),
});

/** An image's own settings for one platform. */
export type ImageFacts = z.output<typeof imageFactsSchema>;

/** The server and the configuration that an image must fit. */
export interface ImageExpectations {
  /** The server's processor in the words of `uname`; undefined where no server was asked. */
  readonly architecture: string | undefined;
  /** Platforms that the image must have. */
  readonly platforms: readonly string[];
  /** User id under which the app runs; undefined to take the image's. */
  readonly user: number | undefined;
  /** Variables of the environment file, with their values; undefined for a secret. Empty where the process gets them, too. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Docker's platforms by the words of `uname`. */
const platforms: Readonly<Record<string, string>> = { x86_64: "linux/amd64", aarch64: "linux/arm64" };

/** The image's numeric user. Undefined for root, for a name, and without a user. */
export function numericUser(user: string): number | undefined {
  const [, digits] = /^(\d+)(?::\d+)?$/.exec(user) ?? [];
  return digits === undefined || Number(digits) === 0 ? undefined : Number(digits);
}

const problem = (fact: string, ...choices: readonly string[]): string =>
  [fact, ...choices.map((choice) => `      try: ${choice}`)].join("\n");

function platformProblems(
  images: readonly ImageFacts[],
  { architecture, platforms: wanted }: ImageExpectations,
): string[] {
  const server = architecture === undefined ? undefined : (platforms[architecture] ?? `linux/${architecture}`);
  const found = images.map(({ platform }) => platform);
  const missing = [...new Set([...(server === undefined ? [] : [server]), ...wanted])].filter(
    (platform) => !found.includes(platform),
  );
  return missing.map((platform) =>
    problem(
      `it is built for ${found.join(", ") || "no platform"}, not for ${platform}${platform === server ? ", which the server has" : ""}`,
      `docker buildx build --platform ${platform}, and push it under another tag`,
    ),
  );
}

/** Why the image's user cannot be the app's. */
function userProblems([image]: readonly ImageFacts[], { user }: ImageExpectations): string[] {
  const found = image?.user ?? "";
  const number = numericUser(found);
  if (user === undefined && number === undefined) {
    const reason = found === "" || /^(0|root)(:|$)/.test(found) ? "it runs as root" : `its USER is a name (${found})`;
    return [
      problem(
        `${reason}, so the app's user id is not known`,
        "pulumi config set --path 'app.user' <number>; `docker run --rm --entrypoint id <image> -u` shows the number of a name",
        "end the Dockerfile with USER and a number, such as USER 1001",
      ),
    ];
  }
  if (user === undefined || number === undefined || number === user) return [];
  return [
    problem(
      `its USER is ${number}, and app.user is ${user}`,
      `pulumi config set --path 'app.user' ${number}`,
      `end the Dockerfile with USER ${user}`,
    ),
  ];
}

/** An ENV of the image wins over the environment file: dotenv does not change a variable that is set. */
function environmentProblems([image]: readonly ImageFacts[], { variables }: ImageExpectations): string[] {
  const own = image?.environment ?? {};
  return Object.entries(variables)
    .filter(([name, value]) => name in own && own[name] !== value)
    .map(([name]) =>
      problem(
        `it sets ${name} itself (ENV), which wins over the environment file`,
        `remove ENV ${name} from the Dockerfile`,
        "pulumi config set --path 'app.deliver' both, so that the stack's value wins",
      ),
    );
}

/** Everything about an image that does not fit the server or the configuration. */
export const imageProblems = (images: readonly ImageFacts[], expected: ImageExpectations): string[] => [
  ...platformProblems(images, expected),
  ...userProblems(images, expected),
  ...environmentProblems(images, expected),
];
