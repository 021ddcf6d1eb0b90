import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { StackConfig } from "./stack-config";
import { renderEnvironment } from "../host/environment-file";

/** The variables of docs/data-model.md section 2 ("Runtime Variables"), by name. */
type Variables = Readonly<Record<string, pulumi.Input<string>>>;

/** The app's runtime environment as one text, secret because it holds secrets. */
export class Environment extends pulumi.ComponentResource {
  /** Text of the env file. */
  readonly text: pulumi.Output<string>;

  constructor(
    name: string,
    config: Pick<StackConfig, "app" | "environment" | "secrets">,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("vps:components:Environment", name, {}, opts);
    const variables: Variables = {
      ...config.environment,
      NODE_ENV: "production",
      NEXTAUTH_URL: config.environment["NEXTAUTH_URL"] ?? `https://${config.app.domain}`,
      ...config.secrets,
      NEXTAUTH_SECRET: config.secrets.NEXTAUTH_SECRET ?? this.sessionKey(name),
    };
    this.text = pulumi.secret(pulumi.all(variables).apply(renderEnvironment));
    this.registerOutputs({});
  }

  private sessionKey(name: string): pulumi.Output<string> {
    // 256 bits. Not RandomBytes: its id, which no engine encrypts, is its value.
    return new random.RandomPassword(`${name}-nextauth-secret`, { length: 43, special: false }, { parent: this })
      .result;
  }
}
