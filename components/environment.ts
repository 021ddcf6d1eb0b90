import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { sha256 } from "../host/sha256";
import { isForApp, type Variable } from "../config/variables";
import type { StackConfig } from "./stack-config";
import { renderEnvironment } from "../host/environment-file";

type Values = Readonly<Record<string, string>>;

/** The file of a release whose process gets the variables. It marks the release, and holds no secret. */
const markerFile = "# The variables are in the environment of the process.\n";

const assignmentsOf = (values: Values): string[] =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted();

/** The app's runtime environment. All of it is secret, because it holds secrets. */
export class Environment extends pulumi.ComponentResource {
  /** Text of the environment file. It fails where a value cannot be written in one. */
  readonly text: pulumi.Output<string>;
  /** `NAME=value` for each variable, sorted. Undefined where the process does not get them. */
  readonly assignments: pulumi.Output<string[]> | undefined;
  /** SHA-256 of all names and values. */
  readonly hash: pulumi.Output<string>;

  constructor(
    name: string,
    config: Pick<StackConfig, "variables" | "secrets"> & { readonly app: Pick<StackConfig["app"], "deliver"> },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("vps:components:Environment", name, {}, opts);
    const { deliver } = config.app;
    const values = pulumi.secret(pulumi.all(this.values(name, config)));
    this.text = deliver === "process" ? pulumi.output(markerFile) : values.apply(renderEnvironment);
    this.assignments = deliver === "environmentFile" ? undefined : values.apply(assignmentsOf);
    this.hash = (deliver === "process" ? values.apply((all) => assignmentsOf(all).join("\0")) : this.text).apply(
      sha256,
    );
    this.registerOutputs({});
  }

  /** Values by the names of the variables. An optional variable without a value is left out. */
  private values(
    name: string,
    { variables, secrets }: Pick<StackConfig, "variables" | "secrets">,
  ): Record<string, pulumi.Input<string>> {
    const declared = Object.entries(variables).filter(([, variable]) => isForApp(variable));
    const values = declared.map(
      ([key, variable]) => [key, secrets[key] ?? this.ownValue(name, key, variable)] as const,
    );
    const present = values.filter((entry): entry is [string, pulumi.Input<string>] => entry[1] !== undefined);
    return Object.fromEntries(present);
  }

  private ownValue(name: string, key: string, variable: Variable): pulumi.Input<string> | undefined {
    return variable.default ?? (variable.generate ? this.generated(name, key) : undefined);
  }

  private generated(name: string, key: string): pulumi.Output<string> {
    const resource = `${name}-${key.toLowerCase().replaceAll("_", "-")}`;
    // 256 bits. Not RandomBytes: its id, which no engine encrypts, is its value.
    return new random.RandomPassword(resource, { length: 43, special: false }, { parent: this }).result;
  }
}
