import type { z } from "zod";
import type { LockingShell } from "../host/session";
import type { Connection } from "../host/connection";
import type { Report } from "../host/rollout/progress";

/** The action for a difference between state and inputs. */
type Verdict = "update" | "replace";

/** Inputs of every resource of this plugin. Each resource is on a server. */
export interface HostInputs {
  readonly connection: Connection;
}

/**
 * The operations of one resource type. All values are plain and validated: secrets are unwrapped, and there are no unknown
 * values. The state contains every input, so that `diff` can compare, and the outputs. `report` gets a line for each step of
 * a long operation.
 */
export interface ResourceHandler<Inputs extends HostInputs, State extends Inputs> {
  /** The schema of the inputs. It fills in the defaults, so that a preview shows them. */
  readonly schema: z.ZodObject;
  /** The action for a change of this input; "update" by default. */
  readonly verdicts?: Partial<Record<keyof Inputs & string, Verdict>>;
  /** Whether the next `up` must update the resource without a changed input, such as a certificate near its end. */
  isDue?(state: State, now: Date): boolean;
  create(inputs: Inputs, host: LockingShell, report?: Report): Promise<{ id: string; state: State }>;
  /** The present state of the resource on the server; `undefined` when it no longer exists. */
  read(state: State, host: LockingShell): Promise<State | undefined>;
  update(state: State, inputs: Inputs, host: LockingShell, report?: Report): Promise<State>;
  delete(state: State, host: LockingShell): Promise<void>;
}
