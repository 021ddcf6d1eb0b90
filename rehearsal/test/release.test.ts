import { describe, expect, test } from "vitest";
import { pushedDigest, releaseJson, releaseLabels } from "../release/release";
import { npmProcessor, sampleBaseName } from "../release/sample-base";

const options = {
  tag: "abc1234",
  behaviour: "slow-start",
  registry: "127.0.0.1:5000",
  repository: "owner/app",
} as const;

describe("releaseJson", () => {
  test("holds the version the app reports and what it does", () => {
    expect(releaseJson(options)).toBe('{"version":"abc1234","behaviour":"slow-start"}\n');
  });
  test("holds the seconds of a behaviour that has some", () => {
    expect(releaseJson({ ...options, seconds: 2 })).toBe(
      '{"version":"abc1234","behaviour":"slow-start","seconds":2}\n',
    );
  });
});

describe("releaseLabels", () => {
  test("are OCI's names for commit, time and source", () => {
    expect(releaseLabels(options, new Date(0))).toEqual({
      "org.opencontainers.image.revision": "abc1234",
      "org.opencontainers.image.created": "1970-01-01T00:00:00.000Z",
      "org.opencontainers.image.source": "https://github.com/owner/app",
    });
  });
});

describe("pushedDigest", () => {
  const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

  test("is read from the last line of docker push", () => {
    const output = `The push refers to repository [127.0.0.1:5000/owner/app]\n1f2e: Pushed\nabc1234: digest: ${digest} size: 1573\n`;
    expect(pushedDigest(output)).toBe(digest);
  });
  test("its absence is an error that shows what was printed", () => {
    expect(() => pushedDigest("1f2e: Preparing")).toThrow("docker push printed no digest:\n1f2e: Preparing");
  });
});

describe("npmProcessor", () => {
  test("translates Docker's words", () => {
    expect([npmProcessor("amd64"), npmProcessor("arm64")]).toEqual(["x64", "arm64"]);
  });
  test("an architecture without binaries is refused", () => {
    expect(() => npmProcessor("s390x")).toThrow(
      'the sample app cannot be built for "s390x": use a Docker engine on amd64 or arm64',
    );
  });
});

describe("sampleBaseName", () => {
  const inputs = { "package.json": "{}", processor: "x64" };

  test("is the same for the same content", () => {
    expect(sampleBaseName(inputs)).toBe(sampleBaseName({ ...inputs }));
    expect(sampleBaseName(inputs)).toMatch(/^memoryloop-rehearsal-sample:[0-9a-f]{12}$/);
  });
  test("is another for any other content", () => {
    expect(sampleBaseName({ ...inputs, processor: "arm64" })).not.toBe(sampleBaseName(inputs));
  });
});
