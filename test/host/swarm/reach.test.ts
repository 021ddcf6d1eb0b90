import { expect, test } from "vitest";
import { HostError } from "../../../host/host-error";
import { Unreachable } from "../../../host/ssh/connect";
import { reach } from "../../../host/swarm/reach";
import { FakeHost, type Answer } from "../../support/fake-host";

const failure = { operation: "connect to", target: "root@203.0.113.9:22", cause: "ETIMEDOUT", hint: "check it" };

test.each<[string, Answer, string]>([
  ["answers", "", ""],
  ["does not answer", new Unreachable(failure), "ETIMEDOUT"],
  ["has another host key", new HostError({ ...failure, cause: "the server's host key is not the pinned one" }), ""],
])("a server that %s", async (_, answer, cause) => {
  expect(await reach(new FakeHost({ "swarm/reach.sh": answer }))).toBe(cause);
});
