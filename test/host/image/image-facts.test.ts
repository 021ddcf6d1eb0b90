import { describe, expect, test } from "vitest";
import { imageProblems, numericUser, type ImageExpectations, type ImageFacts } from "../../../host/image/image-facts";

const amd64: ImageFacts = {
  platform: "linux/amd64",
  user: "1001",
  environment: { NODE_ENV: "production", PATH: "/bin" },
};
const arm64: ImageFacts = { ...amd64, platform: "linux/arm64" };
const expected: ImageExpectations = {
  architecture: "x86_64",
  platforms: [],
  user: 1001,
  variables: { NODE_ENV: "production", API_KEY: undefined },
};

test.each([
  ["1001", 1001],
  ["1001:1001", 1001],
  ["1001:app", undefined],
  ["nextjs", undefined],
  ["", undefined],
  ["0", undefined],
  ["root", undefined],
])("numericUser(%j) is %s", (user, number) => {
  expect(numericUser(user)).toBe(number);
});

describe("imageProblems", () => {
  test.each<[string, readonly ImageFacts[], Partial<ImageExpectations>]>([
    ["an image for the server", [amd64], {}],
    ["one of several platforms", [arm64, amd64], { platforms: ["linux/amd64", "linux/arm64"] }],
    ["an arm server", [arm64], { architecture: "aarch64" }],
    ["no server, as in a preview", [arm64], { architecture: undefined }],
    ["a user that the image names", [{ ...amd64, user: "nextjs" }], {}],
    ["an image without a user, run as another one", [{ ...amd64, user: "" }], {}],
    ["the image's own user", [amd64], { user: undefined }],
  ])("%s fits", (_, images, change) => {
    expect(imageProblems(images, { ...expected, ...change })).toEqual([]);
  });

  test("an arm64 image on an amd64 server is named", () => {
    expect(imageProblems([arm64], expected)).toEqual([
      "it is built for linux/arm64, not for linux/amd64, which the server has\n      try: docker buildx build --platform linux/amd64, and push it under another tag",
    ]);
  });

  test("a platform of the configuration that the image lacks is named", () => {
    expect(imageProblems([amd64], { ...expected, platforms: ["linux/arm64"] })).toEqual([
      "it is built for linux/amd64, not for linux/arm64\n      try: docker buildx build --platform linux/arm64, and push it under another tag",
    ]);
  });

  test("another user than app.user is named", () => {
    expect(imageProblems([{ ...amd64, user: "1000" }], expected)).toEqual([
      "its USER is 1000, and app.user is 1001\n      try: pulumi config set --path 'app.user' 1000\n      try: end the Dockerfile with USER 1001",
    ]);
  });

  test.each([
    ["", "it runs as root"],
    ["root", "it runs as root"],
    ["0:0", "it runs as root"],
    ["nextjs", "its USER is a name (nextjs)"],
  ])("without app.user, the user %j is no number", (user, reason) => {
    expect(imageProblems([{ ...amd64, user }], { ...expected, user: undefined })).toEqual([
      `${reason}, so the app's user id is not known\n      try: pulumi config set --path 'app.user' <number>; \`docker run --rm --entrypoint id <image> -u\` shows the number of a name\n      try: end the Dockerfile with USER and a number, such as USER 1001`,
    ]);
  });

  test("an ENV with another value than the environment file is named", () => {
    const environment = { NODE_ENV: "test", API_KEY: "", PATH: "/bin" };
    expect(imageProblems([{ ...amd64, environment }], expected)).toEqual(
      ["NODE_ENV", "API_KEY"].map(
        (name) =>
          `it sets ${name} itself (ENV), which wins over the environment file\n      try: remove ENV ${name} from the Dockerfile\n      try: pulumi config set --path 'app.deliver' both, so that the stack's value wins`,
      ),
    );
  });
});
