import { randomBytes } from "node:crypto";
import type { Resource } from "../plugin";
import { unknown, mapProperties, plainProperties, text, textMap, type Properties } from "../value";
import { checkedConnection, connectionOf } from "./connection";
import { difference } from "./difference";
import { Lines } from "./lines";
import { runRemote, type Output } from "./remote";

/** Sends a line of a command's output to the person at the engine. */
export type Log = (urn: string, line: string) => void;

/** `command.remote.Command`: a command at creation, one at update, one at deletion; it cannot see drift. */
export function remoteCommand(log: Log): Resource {
  const run = (urn: string, command: string, state: Properties): Promise<Output> =>
    runCommand(command, plainProperties(state), (line) => {
      log(urn, line);
    });
  return {
    check: ({ news }) => ({ inputs: checkedInputs(news) }),
    diff: ({ inputs, oldInputs }) => difference(inputs, oldInputs),
    create: async ({ urn, name, inputs, preview }) => {
      const id = name + randomBytes(4).toString("hex");
      if (preview) return { id, state: { ...inputs, stdout: unknown, stderr: unknown } };
      const command = text(plainProperties(inputs), "create");
      return { id, state: { ...inputs, ...(command === "" ? silent : await run(urn, command, inputs)) } };
    },
    read: ({ id, state, inputs }) =>
      Promise.resolve({ id, state: checkedInputs(state), inputs: checkedInputs(inputs) }),
    update: async ({ urn, state, inputs, preview }) => {
      if (preview) return { ...inputs, stdout: unknown, stderr: unknown };
      const before: Properties = { stdout: state["stdout"] ?? "", stderr: state["stderr"] ?? "" };
      const given = plainProperties(inputs);
      const command = text(given, "update") || text(given, "create");
      return { ...inputs, ...(command === "" ? before : await run(urn, command, { ...inputs, ...before })) };
    },
    delete: async ({ urn, state }) => {
      const command = text(plainProperties(state), "delete");
      if (command !== "") await run(urn, command, state);
    },
  };
}

const silent: Output = { stdout: "", stderr: "" };

const checkedInputs = (news: Properties): Properties =>
  mapProperties(news, (value, name) => (name === "connection" ? checkedConnection(value) : value));

async function runCommand(command: string, state: Properties, log: (line: string) => void): Promise<Output> {
  const logging = text(state, "logging") || "stdoutAndStderr";
  const lines = new Lines(log);
  try {
    return await runRemote(connectionOf(state), {
      command,
      stdin: text(state, "stdin"),
      environment: { ...textMap(state, "environment"), ...previousOutput(state) },
      heard: (stream, written) => {
        if (logging === stream || logging === "stdoutAndStderr") lines.add(written);
      },
    });
  } finally {
    lines.end();
  }
}

/** Output of the command's last run. A host whose sshd does not accept these names never sees them. */
function previousOutput(state: Properties): Record<string, string> {
  if (state["addPreviousOutputInEnv"] === false) return {};
  const output = { PULUMI_COMMAND_STDOUT: text(state, "stdout"), PULUMI_COMMAND_STDERR: text(state, "stderr") };
  return Object.fromEntries(Object.entries(output).filter(([, value]) => value !== ""));
}
