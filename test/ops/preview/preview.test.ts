import { existsSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { policyPack } from "../../../ops/engine";
import { preview } from "../../../ops/preview/preview";
import { FakeEngine } from "../../support/fake-engine";

let engine: FakeEngine;
afterEach(() => {
  engine.remove();
});

const inputs = (tag: string) => ({ inputs: { app: "memoryloop", image: { tag } } });
const urn = "urn:pulumi:prod::memoryloop-infra::vps:components:AppRollout$vps:index:Rollout::rollout-release";
const metadata = { op: "update", urn, old: inputs("a000001"), new: inputs("b000002") };
const events = [{ preludeEvent: { config: {} } }, { resourcePreEvent: { metadata } }, { summaryEvent: {} }];
const lines = events.map((event) => JSON.stringify(event)).join("\n");
/** As the engine writes it: the fourth word names the file. */
const writesLog = `[ "$PULUMI_DEBUG_COMMANDS" = true ] && printf '%s\\n' '${lines}' >"$5"`;

async function previewed(...words: string[]) {
  const said: string[] = [];
  const code = await preview(words, (line) => said.push(line));
  return { code, said };
}

describe("npm run preview", () => {
  test("gives the engine its own options and the policy pack, and says the change in one sentence", async () => {
    engine = new FakeEngine({ preview: writesLog });
    expect(await previewed("--stack", "live", "-c", "imageTag=b000002")).toEqual({
      code: 0,
      said: ["memoryloop: a000001 -> b000002, nothing else changes; traffic moves without a reload"],
    });
    const [call = ""] = engine.calls;
    const log = / --event-log (\S+) /.exec(call)?.[1] ?? "";
    expect(call).toBe(`preview --policy-pack ${policyPack} --event-log ${log} --stack live -c imageTag=b000002`);
    expect(existsSync(log)).toBe(false);
  });

  test.each(["--json", "-j", "-rj"])("adds nothing to JSON: %s", async (word) => {
    engine = new FakeEngine({ preview: writesLog });
    expect(await previewed(word)).toEqual({ code: 0, said: [] });
  });

  test("adds nothing to a failure, and passes its exit code on", async () => {
    engine = new FakeEngine({ preview: `${writesLog}; exit 4` });
    expect(await previewed("--expect-no-changes")).toEqual({ code: 4, said: [] });
  });

  test("without an engine says how to get one", async () => {
    engine = new FakeEngine();
    const path = process.env["PATH"];
    process.env["PATH"] = "/nowhere";
    await expect(previewed().finally(() => (process.env["PATH"] = path))).rejects.toThrow(
      /^start pulumi: .*ENOENT\n {2}next: install the Pulumi CLI/,
    );
  });
});
