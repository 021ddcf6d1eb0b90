import { describe, expect, test } from "vitest";
import { lacksSysResource, vpsArguments } from "../../world/vps";

const options = {
  world: "w",
  image: "vps:1",
  addresses: { vps: "10.201.7.2", registry: "10.201.7.3", acme: "10.201.7.4", b2: "10.201.7.5", peers: [] },
  ports: { ssh: 20001, http: 20002, https: 20003, registry: 20004, b2: 20005 },
  rclone: "/cache/rclone.zip",
  withoutSysResource: false,
  host: "debian-12" as const,
};

describe("lacksSysResource", () => {
  test.each([
    ["CapEff:\t0000000000000000\nCapBnd:\t000001fffeffffff\n", true],
    ["CapBnd:\t000001ffffffffff\n", false],
    ["Name:\tnode\n", false],
  ])("%j: %s", (status, lacks) => {
    expect(lacksSysResource(status)).toBe(lacks);
  });
});

describe("vpsArguments", () => {
  test("is the whole command line", () => {
    expect(vpsArguments(options)).toMatchInlineSnapshot(`
      [
        "--name",
        "w-vps",
        "--hostname",
        "vps",
        "--label",
        "memoryloop.rehearsal.world=w",
        "--network",
        "w",
        "--ip",
        "10.201.7.2",
        "--publish",
        "127.0.0.1:20001:22",
        "--publish",
        "127.0.0.1:20002:80",
        "--publish",
        "127.0.0.1:20003:443",
        "--add-host",
        "registry.rehearsal.internal:10.201.7.3",
        "--add-host",
        "acme.rehearsal.internal:10.201.7.4",
        "--add-host",
        "b2.rehearsal.internal:10.201.7.5",
        "--stop-signal",
        "SIGRTMIN+3",
        "--cap-add",
        "ALL",
        "--security-opt",
        "seccomp=unconfined",
        "--security-opt",
        "apparmor=unconfined",
        "--security-opt",
        "systempaths=unconfined",
        "--device-cgroup-rule",
        "a *:* rwm",
        "--cgroupns",
        "host",
        "--volume",
        "/sys/fs/cgroup:/sys/fs/cgroup:rw",
        "--tmpfs",
        "/run:exec,mode=755",
        "--tmpfs",
        "/tmp:exec,mode=1777",
        "--mount",
        "type=volume,source=w-docker,target=/var/lib/docker,volume-label=memoryloop.rehearsal.world=w",
        "vps:1",
      ]
    `);
  });

  test("drops CAP_SYS_RESOURCE where it cannot be had", () => {
    const words = vpsArguments({ ...options, withoutSysResource: true }).join(" ");
    expect(words).toContain(" --cap-drop SYS_RESOURCE ");
  });
});
