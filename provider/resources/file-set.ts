import type { ResourceHandler } from "../resource-handler";
import type { Command, Shell } from "../../host/shell";
import { parseFound } from "../../host/file-set/found";
import { fileSetInputsSchema, type FileSetInputs, type FileSetState } from "../../host/file-set/inputs";
import { heldLines, renderPayload, renderQuestion } from "../../host/file-set/payload";

/** Time for the validators, for an activation that restarts a service, and for the wait for another set. */
const applySeconds = 180;

/** The owner in a state from before sets had one. */
const unrecorded = "unrecorded";

type Named = Pick<FileSetInputs, "set"> & Partial<Pick<FileSetInputs, "owner">>;

const command = (
  operation: string,
  { set, owner = unrecorded }: Named,
  script: Command["script"],
  stdin: string,
): Command => ({
  operation,
  target: set,
  script,
  args: [set, owner],
  stdin,
  timeoutSeconds: applySeconds,
  hint: "the server was not changed: correct the problem above and run `pulumi up` again",
});

async function apply(inputs: FileSetInputs, former: readonly string[], host: Shell): Promise<FileSetState> {
  await host.run(command("apply file set", inputs, "file-set/apply.sh", renderPayload(inputs, former)));
  return inputs;
}

/**
 * Files, links, directories and the units that go with them, changed all or none: staged, validated, swapped, activated.
 * The former content of a path comes back when the last set that holds the path releases it.
 */
export const fileSet: ResourceHandler<FileSetInputs, FileSetState> = {
  schema: fileSetInputsSchema,
  // A set of another owner is another set: the new one is applied, then the former one is deleted.
  verdicts: { set: "replace", owner: "replace" },

  async create(inputs, host) {
    return { id: inputs.set, state: await apply(inputs, [], host) };
  },

  async read(state, host) {
    // The state of an earlier version has no `inForce`.
    const { inForce = [] } = state as Partial<FileSetState>;
    const question = renderQuestion({ ...state, inForce });
    const output = await host.run({
      ...command("read file set", state, "file-set/read.sh", question),
      hint: "check that the server answers, then run the command again",
    });
    return { ...state, ...parseFound(output, { entries: state.entries, inForce }) };
  },

  update: (state, inputs, host) => apply(inputs, heldLines(state), host),

  async delete(state, host) {
    const { validate, activate } = state;
    const nothing = { sharing: "no" as const, entries: {}, units: {}, validate, activate, inForce: [] };
    await host.run(command("delete file set", state, "file-set/apply.sh", renderPayload(nothing, heldLines(state))));
  },
};
