import { describe, expect, test } from "vitest";
import { renderStackFile } from "../stack";

const template = "# why\nconfig:\n  memoryloop-infra:app:\n    name: memoryloop\n";
const config = { host: { port: 2222 } };

describe("renderStackFile", () => {
  test("puts the world's values over the template", () => {
    expect(renderStackFile(template, undefined, config)).toBe(
      "# why\nconfig:\n  memoryloop-infra:app:\n    name: memoryloop\n  memoryloop-infra:host:\n    port: 2222\n",
    );
  });

  test("keeps the salt and the secrets, and takes everything else from the template", () => {
    const existing =
      "encryptionsalt: v1:abc\nconfig:\n  memoryloop-infra:app:\n    name: old\n  memoryloop-infra:SENTRY_DSN:\n    secure: v1:x\n";
    const rendered = renderStackFile(template, existing, config);
    expect(rendered).toContain("encryptionsalt: v1:abc");
    expect(rendered).toContain("memoryloop-infra:SENTRY_DSN:\n    secure: v1:x");
    expect(rendered).toContain("name: memoryloop");
    expect(rendered).not.toContain("name: old");
  });
});
