import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** The stack file of this run. `PULUMI_OPTION_CONFIG_FILE` is the engine's own variable for `--config-file`. */
export const stackFile = (): string =>
  resolve(process.env["PULUMI_OPTION_CONFIG_FILE"] ?? `Pulumi.${pulumi.getStack()}.yaml`);
