import type { z } from "zod";
import type { LockingShell } from "../host/session";
import type { Connection } from "../host/connection";

/** The action for a difference between state and inputs. */
type Verdict = "update" | "replace";

/** Inputs of every resource of ours: they all live on a host. */
export interface HostInputs {
  readonly connection: Connection;
}

/**
 * The life of one kind of resource. Values arrive plain and validated: secrets are unwrapped, unknowns never get here.
 * State always holds every input (so that `diff` can compare) beside the outputs.
 */
export interface ResourceHandler<Inputs extends HostInputs, State extends Inputs> {
  /** The shape of the inputs; defaults are filled in here, so that they show in a preview. */
  readonly schema: z.ZodObject;
  /** The action for a change of this input; "update" by default. */
  readonly verdicts?: Partial<Record<keyof Inputs & string, Verdict>>;
  /** Whether the next `up` has something to do though no input changed, such as a certificate near its end. */
  isDue?(state: State, now: Date): boolean;
  create(inputs: Inputs, host: LockingShell): Promise<{ id: string; state: State }>;
  /** The resource as it is on the host now, `undefined` when it is gone. */
  read(state: State, host: LockingShell): Promise<State | undefined>;
  update(state: State, inputs: Inputs, host: LockingShell): Promise<State>;
  delete(state: State, host: LockingShell): Promise<void>;
}
