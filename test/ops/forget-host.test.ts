import { describe, expect, test } from "vitest";
import { withoutHost } from "../../ops/forget-host";

const resource = (type: string, dependencies: string[] = []) => ({ urn: `urn:${type}`, type, dependencies });

describe("withoutHost", () => {
  test("takes out what lived on the VPS, its providers, and every mention of both", () => {
    const resources = [
      resource("vps:components:Host"),
      resource("pulumi:providers:docker"),
      resource("docker:index/container:Container"),
      resource("vps:index:FileSet"),
      resource("command:remote:Command"),
      resource("pulumi:providers:b2"),
      resource("b2:index/bucket:Bucket"),
      resource("random:index/randomId:RandomId", [
        "urn:docker:index/container:Container",
        "urn:b2:index/bucket:Bucket",
      ]),
    ];
    const state = JSON.parse(
      withoutHost(JSON.stringify({ version: 3, deployment: { manifest: {}, resources } })),
    ) as object;
    expect(state).toEqual({
      version: 3,
      deployment: {
        manifest: {},
        resources: [
          resource("vps:components:Host"),
          resource("pulumi:providers:b2"),
          resource("b2:index/bucket:Bucket"),
          resource("random:index/randomId:RandomId", ["urn:b2:index/bucket:Bucket"]),
        ],
      },
    });
  });
});
