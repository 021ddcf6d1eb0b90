import { describe, expect, test } from "vitest";
import { HostError } from "../../host/host-error";
import { Unreachable } from "../../host/ssh/connect";
import { answeringServers, refusal } from "../../ops/cluster";
import { answersOf, type ServerContext } from "../../ops/context";
import { FakeHost, type Answer } from "../support/fake-host";

test.each([
  ["deploy", "next: pulumi up -c imageTag=<tag>"],
  ["maintenance", "ops maintenance works without a cluster, and this stack has one"],
])("%s is refused on a cluster, with the way that works", (name, words) => {
  expect(refusal(name, true)).toContain(words);
  expect(refusal(name, false)).toBeUndefined();
});

test.each(["status", "history", "logs", "doctor", "rollback", "destroy"])("%s works on a cluster", (name) => {
  expect(refusal(name, true)).toBeUndefined();
});

const failure = { operation: "connect to", target: "root@203.0.113.9:22", cause: "ETIMEDOUT", hint: "check it" };
const off = new Unreachable(failure);

/** Servers with these answers to the question whether they can be reached. */
const contexts = (answers: Readonly<Record<string, Answer>>): readonly ServerContext[] =>
  Object.entries(answers).map(
    ([server, answer]) => ({ server, shell: new FakeHost({ "swarm/reach.sh": answer }) }) as unknown as ServerContext,
  );

describe("answeringServers", () => {
  test("leaves out a server that does not answer, and names it", async () => {
    const lines: string[] = [];
    const found = await answeringServers(contexts({ host: "", second: "", third: off }), (line) => lines.push(line));
    expect(found.map(({ name }) => name)).toEqual(["host", "second"]);
    expect(lines).toEqual([
      "warning: without third (ETIMEDOUT): run `pulumi up` when it is back, which makes it equal",
    ]);
  });

  test("a server that refuses the login answers: what uses it next says why", async () => {
    const found = await answeringServers(contexts({ host: "", second: new HostError(failure), third: "" }), () => 0);
    expect(found.map(({ name }) => name)).toEqual(["host", "second", "third"]);
  });

  test("needs more than half of the servers", async () => {
    await expect(answeringServers(contexts({ host: "", second: off }), () => 0)).rejects.toThrow(
      "these servers do not answer: second (ETIMEDOUT)\n  next: start them, then run it again",
    );
  });
});

describe("answersOf", () => {
  const ask = ({ shell }: ServerContext): Promise<string> =>
    shell.run({ operation: "ask", target: "it", script: "swarm/reach.sh", args: [], timeoutSeconds: 1 });

  test("gives the answers of the others if a server fails", async () => {
    expect(await answersOf(contexts({ host: "1", second: off, third: "3" }), ask)).toEqual([
      { server: "host", value: "1" },
      { server: "third", value: "3" },
    ]);
  });

  test("fails if no server answers", async () => {
    await expect(answersOf(contexts({ host: off, second: off }), ask)).rejects.toBe(off);
  });
});
