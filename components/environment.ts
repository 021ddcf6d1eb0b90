import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { isForApp, type Variable } from "../config/variables";
import type { StackConfig } from "./stack-config";
import { renderEnvironment } from "../host/environment-file";

type Value = pulumi.Input<string> | undefined;

/** The app's runtime environment. All of it is secret, because it holds secrets. */
export class Environment extends pulumi.ComponentResource {
  /** Values by the names of the variables. */
  readonly values: pulumi.Output<Readonly<Record<string, string>>>;
  /** Text of the environment file. */
  readonly text: pulumi.Output<string>;

  constructor(
    name: string,
    config: Pick<StackConfig, "variables" | "secrets">,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("vps:components:Environment", name, {}, opts);
    const declared = Object.entries(config.variables).filter(([, variable]) => isForApp(variable));
    const values = declared.map(([key, variable]) => [key, this.given(name, key, variable, config.secrets)] as const);
    const present = values.filter((entry): entry is [string, pulumi.Input<string>] => entry[1] !== undefined);
    this.values = pulumi.secret(pulumi.all(Object.fromEntries(present)));
    this.text = this.values.apply(renderEnvironment);
    this.registerOutputs({});
  }

  private given(name: string, key: string, variable: Variable, secrets: StackConfig["secrets"]): Value {
    return secrets[key] ?? variable.default ?? (variable.generate ? this.generated(name, key) : undefined);
  }

  private generated(name: string, key: string): pulumi.Output<string> {
    const resource = `${name}-${key.toLowerCase().replaceAll("_", "-")}`;
    // 256 bits. Not RandomBytes: its id, which no engine encrypts, is its value.
    return new random.RandomPassword(resource, { length: 43, special: false }, { parent: this }).result;
  }
}
