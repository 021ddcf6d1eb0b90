import type { HostState } from "../../host/rollout/host-state";

/** What runs on a host: nothing, but for the parts given. */
export const hostState = (parts: Partial<HostState>): HostState => ({
  active: "",
  previous: "",
  unconfirmed: null,
  environment: "",
  listening: [],
  records: [],
  containers: [],
  targets: {},
  ...parts,
});
