import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { variablesSchema } from "../../config/variables";
import { Github } from "../../github/rest";
import { buildSecrets, pipelineCommand, pipelineSecrets, setSecret } from "../../ops/pipeline-init";
import { newAccount, type Account } from "../../rehearsal/emulators/github/account";
import { newKeys, opened } from "../../rehearsal/emulators/github/sealed-box";
import { Emulator } from "../../rehearsal/emulators/github/server";

const environment = () => ({ id: 1, settings: {}, secrets: {}, policies: [], createdAt: "", updatedAt: "" });
const [sshKey] = pipelineSecrets;

let account: Account;
let server: Server;
let github: Github;

beforeAll(async () => {
  account = newAccount("owner", "app", await newKeys());
  account.tokens["t"] = { login: "owner", role: "admin", scopes: ["secrets"] };
  account.environments["production"] = environment();
  server = await new Emulator(account).listen(0);
  github = new Github({ apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`, token: "t" });
});

afterAll(() => server.close());

function set(value: string, name?: string) {
  if (sshKey === undefined) throw new Error("there are no secrets");
  return setSecret(github, "owner/app", { ...sshKey, ...(name && { name }) }, value);
}

describe("setSecret", () => {
  test("seals a value that GitHub can open, and replaces it when it is rotated", async () => {
    for (const value of ["first\nkey\n", "second"]) {
      await set(value);
      const stored = account.environments["production"]?.secrets["DEPLOY_SSH_KEY"]?.sealed ?? "";
      expect(opened(account.keys, stored)).toBe(value);
      expect(stored).not.toContain(value);
    }
  });

  test("a name that GitHub does not take is refused in its words", async () => {
    await expect(set("x", "DEPLOY-KEY")).rejects.toThrow("422 Secret names can only contain alphanumeric characters");
  });

  test("without the environment it says what may be missing", async () => {
    const elsewhere = setSecret(
      github,
      "owner/nowhere",
      { name: "X", what: "", rotate: "", environments: ["production"] },
      "x",
    );
    await expect(elsewhere).rejects.toThrow("the repository or package does not exist");
  });
});

describe("Github", () => {
  test("a token without the scope, and a rate limit, are named with what to do", async () => {
    const refused = (status: number, message: string) =>
      fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/emulator/faults`, {
        method: "POST",
        body: JSON.stringify({ faults: [{ call: "", times: 1, status, message }] }),
      });
    await refused(403, "Resource not accessible by personal access token");
    await expect(set("x")).rejects.toThrow(
      'GITHUB_TOKEN lacks a permission for this call\n  next: see docs/pipeline.md, "Tokens"',
    );
    await refused(403, "API rate limit exceeded");
    await expect(set("x")).rejects.toThrow("nothing was changed by this call\n  next: run the command again later");
  });

  test("without a token it makes no call", () => {
    expect(() => new Github({ token: undefined })).toThrow("GITHUB_TOKEN is not set");
  });
});

describe("pipelineSecrets", () => {
  test("each says what it is for and how to rotate it", () => {
    for (const { what, rotate } of pipelineSecrets) expect([what, rotate]).not.toContain("");
  });
});

test("buildSecrets are the variables of the build whose value the stack file does not have", () => {
  const variables = variablesSchema.parse({
    PUBLIC_URL: { scope: "both", default: "https://notes.example.com" },
    DSN: { scope: "both" },
    UPLOAD_TOKEN: { scope: "build", secret: true },
    API_KEY: { secret: true },
  });
  expect(buildSecrets(variables)).toEqual([
    {
      name: "DSN",
      what: "the app's variable DSN, a build argument, which stays in the image",
      rotate: "set this and the stack's secret of the same name, then deploy",
      environments: ["build"],
    },
    {
      name: "UPLOAD_TOKEN",
      what: "the app's variable UPLOAD_TOKEN, a build secret",
      rotate: "make a new value, set this, then deploy",
      environments: ["build"],
    },
  ]);
});

describe("ops pipeline init on GitHub Free", () => {
  const plan = (...faults: object[]) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/emulator/faults`, {
      method: "POST",
      body: JSON.stringify({ faults }),
    });
  const warnings: string[] = [];

  async function init(...words: string[]): Promise<void> {
    const { port } = server.address() as AddressInfo;
    account.tokens["admin"] = { login: "owner", role: "admin", scopes: ["secrets", "administration"] };
    vi.stubEnv("GITHUB_API_URL", `http://127.0.0.1:${port}/api/v3`);
    vi.stubEnv("GITHUB_TOKEN", "admin");
    vi.stubEnv("STATE_KEY", "state key");
    vi.spyOn(process.stderr, "write").mockImplementation((text) => warnings.push(String(text)) > 0);
    try {
      await pipelineCommand(() => ({})).parseAsync(["init", ...words], { from: "user" });
    } finally {
      vi.unstubAllEnvs();
      vi.restoreAllMocks();
    }
  }

  test("a private repository without environments gets the secrets itself, with a warning that names it", async () => {
    await plan({
      call: "rulesets",
      times: 1,
      status: 403,
      message: "Upgrade to GitHub Pro or make this repository public",
    });
    await init("--repository", "owner/app");
    expect(opened(account.keys, account.secrets["STATE_KEY"]?.sealed ?? "")).toBe("state key");
    expect(warnings.join("")).toContain("owner/app is private, and its GitHub plan has no environments");
  });

  test("an environment without rules is a warning", async () => {
    const message = "Failed to create the environment protection rule. Please ensure the billing plan supports it.";
    await plan({ call: "PUT .*environments", times: 2, status: 422, message });
    await init("--infra", "owner/app");
    expect(warnings.join("")).toContain("the plan has no such rule for the environments of private repositories");
  });
});

describe("ops pipeline init --infra", () => {
  test("restricts the environments of this program's repository to one branch", async () => {
    account.tokens["admin"] = { login: "owner", role: "admin", scopes: ["secrets", "administration"] };
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, { GITHUB_API_URL: `http://127.0.0.1:${port}/api/v3`, GITHUB_TOKEN: "admin" });
    await pipelineCommand(() => ({})).parseAsync(["init", "--infra", "owner/app", "--branch", "trunk"], {
      from: "user",
    });
    for (const name of ["preview", "drift"])
      expect(account.environments[name]?.policies.map((policy) => policy.name)).toEqual(["trunk"]);
  });
});
