import type { Deployment } from "../../host/rollout/deployment";

/** A record of a successful deployment; the given fields replace the defaults. */
export const deployment = (parts: Partial<Deployment>): Deployment => ({
  id: "deploy-1",
  commitSha: "",
  imageTag: "aaaaaaa",
  status: "success",
  startedAt: "2026-01-02T03:04:05.000Z",
  completedAt: "2026-01-02T03:04:08.500Z",
  healthCheckPassed: true,
  previousVersion: "",
  release: "11",
  digest: `sha256:${"1".repeat(64)}`,
  by: "me@here",
  durationsMs: {},
  reason: "",
  tagRefused: false,
  imageCreated: "",
  imageSize: 0,
  ...parts,
});
