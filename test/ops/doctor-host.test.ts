import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serverChecks } from "../../ops/commands/doctor";
import { parseExpectations } from "../../ops/stack";
import { repositoryRoot } from "../../repository";

test("the stack file alone tells what a server is compared with", () => {
  const file = join(repositoryRoot, "Pulumi.prod.yaml");
  const text = readFileSync(file, "utf8").replace(/hostKey: .*/, "hostKey: ssh-ed25519 AAAAC3Nz");
  const { app, owner, domains, adopt, claims } = parseExpectations({ text, file, name: "me/infra/prod" });
  expect(owner).toMatch(new RegExp(`^[^/]+/prod/${app}$`));
  expect(domains.length).toBeGreaterThan(0);
  expect(adopt).toEqual([]);
  expect(Object.keys(claims)).toContain("path /etc/nginx/nginx.conf");
});

test("each problem is a failed check with its choices, and a good server one good check", () => {
  expect(serverChecks([])).toEqual([{ check: "the server is ready for an update", ok: true, detail: "" }]);
  expect(serverChecks([{ fact: "ufw is active", choices: ["ufw allow 80/tcp", "ufw disable"] }])).toEqual([
    { check: "ufw is active", ok: false, detail: "", fix: "ufw allow 80/tcp\n       or: ufw disable" },
  ]);
});
