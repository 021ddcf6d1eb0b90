import { parseHostState, type HostState } from "../../host/rollout/host-state";

type Container = HostState["containers"][number];

/** A server without releases; the given fields replace the defaults. */
export const hostState = (parts: Partial<HostState>): HostState => ({
  active: "",
  previous: "",
  unconfirmed: null,
  environment: "",
  listening: [],
  records: [],
  unreadableRecords: [],
  containers: [],
  targets: {},
  ...parts,
});

/** The container of a release, with an environment file of the same name. */
export const container = (release: string, imageTag: string, running: boolean): Container => ({
  name: `app-${release}`,
  release,
  imageTag,
  digest: `sha256:${"1".repeat(64)}`,
  running,
  environment: release,
  imageCreated: "2026-01-01T00:00:00Z",
  imageSize: 1000,
});

/** The output of `rollout/observe.sh` on such a server. */
export function observed({ unreadableRecords, records, ...state }: HostState): string {
  const lines = [
    ...records.map((record) => `${record.id}.json\t${JSON.stringify(record)}`),
    ...unreadableRecords.map((file) => `${file}\t{ "id": "dep`),
  ];
  const text = JSON.stringify({ ...state, records: lines.join("\n") });
  parseHostState(text);
  return text;
}
