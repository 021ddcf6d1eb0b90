import type { Command } from "../shell";
import { keptMegabytes } from "./assets";
import { publishedPort } from "../swarm/published-port";
import type { Deployment } from "./deployment";
import { bodyLimit } from "./health";
import type { RolloutInputs } from "./inputs";
import type { ServedImage } from "./records";

/** Name of a release's container. */
const containerName = (app: string, release: string): string => `${app}-${release}`;

/** A script of a rollout, which gets the app's name first. */
export const step = (
  { app }: Pick<RolloutInputs, "app">,
  operation: string,
  target: string,
  script: Command["script"],
  args: readonly (string | number)[],
  timeoutSeconds = 60,
): Command => ({ operation, target, script, args: [app, ...args].map(String), timeoutSeconds });

export const observe = (app: string): Command =>
  step({ app }, "observe the releases of", app, "rollout/observe.sh", []);

export const start = (inputs: RolloutInputs): Command =>
  inputs.cluster === undefined ? startContainer(inputs) : startTask(inputs);

const startContainer = (inputs: RolloutInputs): Command => ({
  ...step(inputs, "start release", inputs.release, "rollout/start.sh", [inputs.release, inputs.port, inputs.pidsLimit]),
  hint: "run `pulumi up` again; if the container was removed from the server, run `pulumi up --refresh`",
});

export function keep(inputs: RolloutInputs): Command {
  const { release, keepAssets = {}, cluster } = inputs;
  const args = [release, keptMegabytes, cluster ? "task" : "container", ...Object.entries(keepAssets).flat()];
  return step(inputs, "keep the assets of release", release, "rollout/keep.sh", args);
}

function startTask(inputs: RolloutInputs): Command {
  const { app, release, pidsLimit, image } = inputs;
  const args = [release, publishedPort(release), pidsLimit, image.tag, image.digest];
  const hint = `ask Swarm, on a manager: docker service ps --no-trunc ${app}-${release}`;
  return { ...step(inputs, "start release", release, "swarm/start.sh", args), hint };
}

export function probe(inputs: RolloutInputs, waitSeconds: number, times: number): Command {
  const { release, domain, gate } = inputs;
  const { path, answerSeconds, versionHeader = "" } = gate;
  const asked = [release, path, domain, answerSeconds, waitSeconds, times, bodyLimit, versionHeader];
  const args = [...asked, ...(inputs.cluster ? ["task"] : [])];
  const timeoutSeconds = waitSeconds + times * gate.answerSeconds + 15;
  return step(inputs, "check the health of release", release, "rollout/probe.sh", args, timeoutSeconds);
}

export function switchTo(inputs: RolloutInputs, environment: string, deployment: string): Command {
  const { release, soakSeconds, confirmSeconds } = inputs;
  const seconds = Math.ceil(soakSeconds) + confirmSeconds;
  const args = [release, environment, seconds, deployment];
  return step(inputs, "switch to release", release, "rollout/switch.sh", args, 15);
}

export const confirm = (inputs: RolloutInputs, previous: string): Command =>
  step(inputs, "confirm release", inputs.release, "rollout/confirm.sh", [inputs.release, previous], 15);

export const revert = (inputs: RolloutInputs): Command =>
  step(inputs, "revert the cutover of", inputs.app, "rollout/revert.sh", [], 15);

export const prove = ({ domain, gate }: RolloutInputs): Command => ({
  operation: "ask the public site",
  target: `https://${domain}${gate.path}`,
  script: "rollout/prove.sh",
  args: [domain, gate.path, String(gate.answerSeconds), gate.versionHeader ?? ""],
  timeoutSeconds: gate.answerSeconds + 15,
});

export const drain = (inputs: RolloutInputs, release: string): Command =>
  step(inputs, "drain release", release, "rollout/drain.sh", [release, inputs.drainSeconds], inputs.drainSeconds + 15);

export const retire = (inputs: RolloutInputs, release: string): Command =>
  step(inputs, "stop release", release, "rollout/retire.sh", [release, inputs.stopSeconds], inputs.stopSeconds + 60);

export const record = (inputs: Pick<RolloutInputs, "app">, deployment: Deployment): Command => ({
  ...step(inputs, "record deployment", deployment.id, "rollout/record.sh", [deployment.id], 15),
  stdin: `${JSON.stringify(deployment, undefined, 2)}\n`,
});

/** Removes these releases, and every image of the repository that neither a container nor `kept` needs. */
export function prune(inputs: RolloutInputs, kept: readonly ServedImage[], releases: readonly string[]): Command {
  const digests = kept.map(({ digest }) => digest).join(" ");
  const args = [inputs.image.repository, digests, ...releases];
  return step(inputs, "prune releases of", inputs.app, "rollout/prune.sh", args, 120);
}

export const logs = ({ app, release, cluster }: RolloutInputs): Command => ({
  operation: "read the log of release",
  target: release,
  ...(cluster === undefined
    ? { script: "rollout/logs.sh", args: [containerName(app, release), "20"] }
    : { script: "swarm/logs.sh", args: [app, release, "20"] }),
  timeoutSeconds: 15,
});

export function remove(inputs: RolloutInputs, deployment: string): Command {
  const { app, stopSeconds } = inputs;
  return step(inputs, "remove the releases of", app, "rollout/remove.sh", [stopSeconds, deployment], stopSeconds + 120);
}
