import { expect, test } from "vitest";
import { parse } from "yaml";
import { b2Package } from "../../components/resources/b2-package";
import { readRepositoryFile } from "../../repository";

test("the package of B2 is described as the generator does (rehearsal/recordings/b2-package.md)", () => {
  expect(b2Package).toMatchObject({
    baseProviderName: "terraform-provider",
    packageName: "b2",
    packageVersion: "0.13.0",
  });
  expect(Buffer.from(b2Package.base64Parameter, "base64").toString()).toBe(
    '{"remote":{"url":"registry.opentofu.org/backblaze/b2","version":"0.13.0"}}',
  );
});

// `pulumi install` writes an SDK for each package of Pulumi.yaml, and changes one that is there.
test("the repository has no generated SDK, so pulumi install changes no file", () => {
  expect(parse(readRepositoryFile("Pulumi.yaml"))).not.toHaveProperty("packages");
  const { dependencies } = JSON.parse(readRepositoryFile("package.json")) as { dependencies: Record<string, string> };
  expect(Object.entries(dependencies).filter(([, version]) => version.startsWith("file:"))).toEqual([]);
});
