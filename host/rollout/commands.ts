import type { Command } from "../shell";
import type { Deployment } from "./deployment";
import type { RolloutInputs } from "./inputs";

/** Name of a release's container. */
const containerName = (app: string, release: string): string => `${app}-${release}`;

const step = (
  { app }: Pick<RolloutInputs, "app">,
  operation: string,
  target: string,
  script: Command["script"],
  args: readonly (string | number)[],
  timeoutSeconds = 60,
): Command => ({ operation, target, script, args: [app, ...args].map(String), timeoutSeconds });

export const observe = (app: string): Command =>
  step({ app }, "observe the releases of", app, "rollout/observe.sh", []);

export function start(inputs: RolloutInputs): Command {
  const { app, release, target, pidsLimit } = inputs;
  const address = `${target.address}:${target.port}`;
  const args = [release, containerName(app, release), address, pidsLimit];
  return {
    ...step(inputs, "start release", release, "rollout/start.sh", args),
    hint: "run `pulumi up` again; where the container is gone from the host, `pulumi up --refresh` makes it anew",
  };
}

export function probe(inputs: RolloutInputs, waitSeconds: number, times: number): Command {
  const { app, release, target, domain, gate } = inputs;
  const url = `http://${target.address}:${target.port}${gate.path}`;
  const args = [containerName(app, release), url, domain, gate.answerSeconds, waitSeconds, times].map(String);
  const timeoutSeconds = waitSeconds + times * gate.answerSeconds + 15;
  return {
    operation: "check the health of release",
    target: release,
    script: "rollout/probe.sh",
    args,
    timeoutSeconds,
  };
}

export function switchTo(inputs: RolloutInputs, deployment: string): Command {
  const { release, soakSeconds, confirmSeconds } = inputs;
  const seconds = Math.ceil(soakSeconds) + confirmSeconds;
  return step(inputs, "switch to release", release, "rollout/switch.sh", [release, seconds, deployment], 15);
}

export const confirm = (inputs: RolloutInputs): Command =>
  step(inputs, "confirm release", inputs.release, "rollout/confirm.sh", [inputs.release], 15);

export const revert = (inputs: RolloutInputs): Command =>
  step(inputs, "revert the cutover of", inputs.app, "rollout/revert.sh", [], 15);

export const prove = ({ domain, gate }: RolloutInputs): Command => ({
  operation: "ask the public site",
  target: `https://${domain}${gate.path}`,
  script: "rollout/prove.sh",
  args: [domain, gate.path, String(gate.answerSeconds)],
  timeoutSeconds: gate.answerSeconds + 15,
});

export const drain = (inputs: RolloutInputs, release: string): Command =>
  step(inputs, "drain release", release, "rollout/drain.sh", [release, inputs.drainSeconds], inputs.drainSeconds + 15);

export const retire = (inputs: RolloutInputs, release: string): Command =>
  step(inputs, "stop release", release, "rollout/retire.sh", [release, inputs.stopSeconds], inputs.stopSeconds + 60);

export function stopUnused(inputs: RolloutInputs): Command {
  const { release, stopSeconds } = inputs;
  return step(inputs, "stop release", release, "rollout/stop-unused.sh", [release, stopSeconds], stopSeconds + 60);
}

export const record = (inputs: RolloutInputs, deployment: Deployment): Command => ({
  ...step(inputs, "record deployment", deployment.id, "rollout/record.sh", [deployment.id], 15),
  stdin: `${JSON.stringify(deployment, undefined, 2)}\n`,
});

export const prune = (inputs: RolloutInputs, releases: readonly string[]): Command =>
  step(
    inputs,
    "prune releases of",
    inputs.app,
    "rollout/prune.sh",
    [inputs.image.repository, inputs.keepImages, ...releases],
    120,
  );

export const logs = ({ app, release }: RolloutInputs): Command => ({
  operation: "read the log of release",
  target: release,
  script: "rollout/logs.sh",
  args: [containerName(app, release), "20"],
  timeoutSeconds: 15,
});

export function remove(inputs: RolloutInputs, deployment: string): Command {
  const { app, stopSeconds } = inputs;
  return step(inputs, "remove the releases of", app, "rollout/remove.sh", [stopSeconds, deployment], stopSeconds + 120);
}
