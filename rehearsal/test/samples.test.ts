import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { dataSchema } from "../../host/data/inputs";
import { repositoryRoot } from "../../repository";
import { firstSample, secondSample } from "../samples";

interface StackFile {
  readonly config: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const configOf = (stack: string): StackFile["config"] =>
  (parse(readFileSync(join(repositoryRoot, "rehearsal", `Pulumi.${stack}.yaml`), "utf8")) as StackFile).config;

describe("the stacks of the sample apps", () => {
  test("share no name of an app, no domain and no bucket", () => {
    const apps = [firstSample, secondSample].map(({ stack }) => configOf(stack)["memoryloop-infra:app"]);
    expect(new Set(apps.map((app) => app?.["name"])).size).toBe(2);
    expect(new Set(apps.map((app) => app?.["domain"])).size).toBe(2);
    expect(firstSample.bucket).not.toBe(secondSample.bucket);
  });

  test("the second app keeps SQLite, and declares each secret that it needs", () => {
    const config = configOf(secondSample.stack);
    expect(dataSchema.parse(config["memoryloop-infra:data"])).toEqual([{ path: "/data", kind: "sqlite" }]);
    for (const name of secondSample.secrets)
      expect(config["memoryloop-infra:variables"]?.[name]).toEqual({ secret: true });
  });
});
