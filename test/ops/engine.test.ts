import { afterEach, describe, expect, test } from "vitest";
import { engineOutput, openStack, policyPack, removeEmptyVariables, runEngine } from "../../ops/engine";
import { Redactor } from "../../ops/redact";
import { FakeEngine } from "../support/fake-engine";

let engine: FakeEngine | undefined;

const start = (answers?: Readonly<Record<string, string>>): FakeEngine => (engine = new FakeEngine(answers));

afterEach(() => {
  engine?.remove();
  engine = undefined;
});

const prod = { stack: "organization/memoryloop-infra/prod" };
const quiet = { show: () => undefined };

async function up(redactor?: Redactor) {
  const stack = await openStack(prod);
  return runEngine("up", (options) => stack.up({ ...options, policyPacks: [policyPack] }), {
    ...quiet,
    ...(redactor && { redactor }),
  });
}

describe("openStack", () => {
  test("leaves the selected stack as it is: it calls the engine for its version only", async () => {
    start();
    await openStack(prod);
    expect(engine?.calls).toEqual([]);
  });

  test("gives the engine the stack file and the image tag by variables, so that they reach the program", async () => {
    start({ up: 'echo "$PULUMI_OPTION_CONFIG $PULUMI_OPTION_CONFIG_FILE"; exit 1' });
    const stack = await openStack({ ...prod, configFile: "/tmp/Pulumi.prod.yaml", imageTag: "4f2c1e9" });
    const { output } = await runEngine("up", (options) => stack.up(options), quiet);
    expect(output).toBe("imageTag=4f2c1e9 /tmp/Pulumi.prod.yaml\n");
  });

  test("without an engine says how to get one", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = "/nowhere";
    await expect(openStack(prod).finally(() => (process.env["PATH"] = path))).rejects.toThrow(
      /^start pulumi: .*ENOENT[^]*next: install the Pulumi CLI/,
    );
  });
});

describe("runEngine", () => {
  test("runs the operation on the named stack, with the policy pack", async () => {
    start({ stack: "echo '{}'" });
    await up();
    expect(engine?.calls[0]).toBe(
      `up --yes --skip-preview --policy-pack ${policyPack} --color never --suppress-progress --exec-kind auto.local --stack ${prod.stack} --non-interactive`,
    );
    expect(engine?.calls.join("\n")).not.toContain("select");
  });

  test("a failure keeps the exit code of the engine and both of its streams", async () => {
    start({ up: "echo out; echo err >&2; exit 5" });
    const { code, output } = await up();
    expect(code).toBe(5);
    expect(output.split("\n").sort()).toEqual(["", "err", "out"]);
  });

  test("a success stays one when the engine cannot read its history afterwards, and says what failed", async () => {
    start({ up: "echo updated", stack: "echo no connection >&2; exit 1" });
    expect(await up()).toEqual({ code: 0, output: "updated\nno connection\n" });
  });

  test("shows output as it arrives, without the secrets", async () => {
    start({ up: "printf 'token hunter2'; sleep 0.1; printf 'hunter2 is set'; exit 1" });
    const shown: string[] = [];
    const stack = await openStack(prod);
    const redactor = new Redactor(["hunter2hunter2"]);
    const run = runEngine("up", (options) => stack.up(options), { redactor, show: (text) => shown.push(text) });
    expect((await run).output).toBe("token [secret] is set");
    expect(shown).toEqual(["token ", "[secret] is set"]);
  });
});

describe("engineOutput", () => {
  test("returns standard output alone", async () => {
    start({ stack: 'echo "$*"; echo warning >&2' });
    expect(await engineOutput(["stack", "export"])).toBe("stack export --non-interactive\n");
  });

  test("a failure has the words of the engine", async () => {
    start({ stack: "echo no such stack >&2; exit 1" });
    await expect(engineOutput(["stack", "export"])).rejects.toThrow("no such stack");
  });
});

test("removeEmptyVariables removes what GitHub Actions sets without a value", () => {
  const environment = { PULUMI_BACKEND_URL: "", PULUMI_STACK: "prod" };
  removeEmptyVariables(environment);
  expect(environment).toEqual({ PULUMI_STACK: "prod" });
});
