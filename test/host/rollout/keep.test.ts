// The scripts that keep and forget assets run with real files; `docker` reads them from a folder, as a tar archive.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  exposedFolders,
  keepAssetsSchema,
  keepsAssets,
  privatePaths,
  servedAssets,
} from "../../../host/rollout/assets";
import { PrivateHost } from "../../support/private-host";

const docker = `#!/bin/bash
case "$1" in
  ps) case "$*" in *--quiet*) cat "$PRIVATE_HOST/task" 2>/dev/null || true ;; *) cat "$PRIVATE_HOST/names" 2>/dev/null ;; esac ;;
  cp)
    folder=$PRIVATE_HOST/images/\${2/://}
    if [ ! -d "$folder" ]; then echo "Could not find the file \${2#*:}" >&2; exit 1; fi
    tar --create --directory "$folder" . ;;
esac
`;

let host: PrivateHost;

beforeEach(() => {
  host = new PrivateHost();
  host.program("docker", docker);
});
afterEach(() => {
  host.dispose();
});

const inImage = (release: string, path: string): string => host.path("images", `app-${release}`, path);

/** Puts a file into the image of a release. */
function put(release: string, path: string, content: string): string {
  const file = inImage(release, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const nextFiles = ["/_next/static/", "/app/.next/static"];
const keep = (release: string, megabytes = 1, pairs = nextFiles, kind = "container") =>
  host.run("rollout/keep.sh", ["app", release, String(megabytes), kind, ...pairs]);

function prune(...containers: string[]): void {
  host.write("names", containers.map((name) => `${name}\n`).join(""));
  expect(host.run("rollout/prune.sh", ["app", "ghcr.io/owner/app", ""])).toMatchObject({ status: 0, stderr: "" });
}

/** Each path below the folder of assets: its kind, mode and owner, without those of directories in between. */
const tree = (folder: string): string[] =>
  execFileSync("find", [host.path("var/lib/app/assets", folder), "-mindepth", "1", "-printf", "%P %y %m %U\\n"], {
    encoding: "utf8",
  })
    .split("\n")
    .filter(Boolean)
    .sort();

/** The files that nginx can answer with, by their content. */
const served = (): Record<string, string | undefined> =>
  Object.fromEntries(
    tree("served")
      .map((line) => line.split(" "))
      .filter(([, kind]) => kind === "f")
      .map(([path = ""]) => [path, host.text(`var/lib/app/assets/served/${path}`)]),
  );

describe("rollout/keep.sh", () => {
  test("keeps the files of a release, readable for nginx, and tells number and size", () => {
    chmodSync(put("11", "app/.next/static/chunks/main-1.js", "a".repeat(100_000)), 0o600);
    put("11", "app/.next/static/css/page [x].css", "b");
    put("11", "app/server.js", "private");
    chmodSync(inImage("11", "app/.next/static/css"), 0o2700);
    expect(keep("11")).toMatchObject({ status: 0, stdout: "2 files, 0.1 MB\n", stderr: "" });
    const files = [
      "_next d 755 0",
      "_next/static d 755 0",
      "_next/static/chunks d 755 0",
      "_next/static/chunks/main-1.js f 644 0",
      "_next/static/css d 755 0",
      "_next/static/css/page [x].css f 644 0",
    ];
    expect(tree("served")).toEqual(files);
    expect(tree("releases/11")).toEqual(files);
    expect(existsSync(host.path("var/lib/app/assets/.new"))).toBe(false);
  });

  test("reads the newest task of the release in a cluster", () => {
    put("11.1.x0y1z2", "app/.next/static/a-1.js", "a");
    host.write("task", "app-11.1.x0y1z2\nolder\n");
    expect(keep("11", 1, undefined, "task").stdout).toBe("1 file, 0.0 MB\n");
    expect(keep("11").stderr).toContain("Docker cannot read /app/.next/static of the image");
  });

  test("keeps several folders, each at its path", () => {
    put("11", "app/.next/static/a-1.js", "a");
    put("11", "srv/fonts/b-1.woff2", "b");
    expect(keep("11", 1, ["/_next/static/", "/app/.next/static", "/fonts/", "/srv/fonts"]).stdout).toBe(
      "2 files, 0.0 MB\n",
    );
    expect(served()).toEqual({ "_next/static/a-1.js": "a", "fonts/b-1.woff2": "b" });
  });

  test("leaves out links, devices, pipes and files with special bits", () => {
    put("11", "app/.next/static/a-1.js", "a");
    put("11", "secret", "of the image");
    host.write("/etc/shadow", "of the server");
    symlinkSync("/etc/shadow", inImage("11", "app/.next/static/shadow"));
    symlinkSync("../../../secret", inImage("11", "app/.next/static/secret"));
    symlinkSync("/etc", inImage("11", "app/.next/static/etc"));
    execFileSync("mkfifo", [inImage("11", "app/.next/static/pipe")]);
    execFileSync("mknod", [inImage("11", "app/.next/static/null"), "c", "1", "3"]);
    for (const [name, mode] of [
      ["setuid", 0o4755],
      ["setgid", 0o2755],
      ["sticky", 0o1755],
    ] as const)
      chmodSync(put("11", `app/.next/static/${name}`, "x"), mode);
    expect(keep("11")).toMatchObject({ status: 0, stdout: "1 file, 0.0 MB\n", stderr: "" });
    expect(tree("served")).toEqual(["_next d 755 0", "_next/static d 755 0", "_next/static/a-1.js f 644 0"]);
  });

  test("a second name of a file is a file", () => {
    linkSync(put("11", "app/.next/static/a-1.js", "a"), inImage("11", "app/.next/static/b-1.js"));
    keep("11");
    expect(served()).toEqual({ "_next/static/a-1.js": "a", "_next/static/b-1.js": "a" });
    prune();
    expect(served()).toEqual({});
  });

  test("can be repeated, also after it was killed, and then has what the image has now", () => {
    put("11", "app/.next/static/a-1.js", "a");
    keep("11");
    host.write("/var/lib/app/assets/.new/files/_next/static/half.js", "half");
    host.write("/var/lib/app/assets/releases/11/_next/static/a-1.js", "");
    put("11", "app/.next/static/b-1.js", "b");
    expect(keep("11").stdout).toBe("2 files, 0.0 MB\n");
    expect(served()).toEqual({ "_next/static/a-1.js": "a", "_next/static/b-1.js": "b" });
    expect(tree("releases/11")).toEqual(tree("served"));
  });

  test("has the files of all releases; of two files of one name, the newer release's", () => {
    put("11", "app/.next/static/main-1.js", "1");
    put("11", "app/.next/static/vendor.js", "vendor of 1");
    put("22", "app/.next/static/main-2.js", "2");
    put("22", "app/.next/static/vendor.js", "vendor of 2");
    keep("11");
    keep("22");
    expect(served()).toEqual({
      "_next/static/main-1.js": "1",
      "_next/static/main-2.js": "2",
      "_next/static/vendor.js": "vendor of 2",
    });
  });

  test.each([
    ["too large", 1, "app/.next/static", "they have more than 1 MB\n"],
    [
      "missing",
      3,
      "app/public",
      "Docker cannot read /app/.next/static of the image: Could not find the file /app/.next/static/.\n",
    ],
  ])("a folder that is %s changes nothing, and the message says why", (_, megabytes, folder, message) => {
    put("11", "app/.next/static/main-1.js", "1");
    keep("11");
    put("22", `${folder}/main-2.js`, "x".repeat(1_200_000));
    expect(keep("22", megabytes)).toMatchObject({ status: 1, stdout: "", stderr: message });
    expect(served()).toEqual({ "_next/static/main-1.js": "1" });
    expect(tree("").filter((line) => line.includes("22") || line.includes(".new"))).toEqual([]);
  });

  test("the limit is for all folders together", () => {
    put("11", "a/main-1.js", "x".repeat(600_000));
    put("11", "b/main-2.js", "x".repeat(600_000));
    expect(keep("11", 1, ["/a/", "/a", "/b/", "/b"]).stderr).toBe("they have more than 1 MB\n");
    expect(keep("11", 2, ["/a/", "/a", "/b/", "/b"]).stdout).toBe("2 files, 1.2 MB\n");
  });
});

describe("rollout/prune.sh", () => {
  beforeEach(() => {
    put("11", "app/.next/static/main-1.js", "1");
    put("11", "app/.next/static/vendor-1.js", "vendor");
    put("22", "app/.next/static/main-2.js", "2");
    put("22", "app/.next/static/vendor-1.js", "vendor");
    put("22", "app/.next/static/only/deep/two.js", "2");
    keep("11");
    keep("22");
  });

  test("forgets the assets of a release without a container, and keeps what another release has", () => {
    prune("app-11", "app-22");
    expect(Object.keys(served())).toHaveLength(4);
    prune("app-22", "app-222");
    expect(served()).toEqual({
      "_next/static/main-2.js": "2",
      "_next/static/only/deep/two.js": "2",
      "_next/static/vendor-1.js": "vendor",
    });
    expect(existsSync(host.path("var/lib/app/assets/releases/11"))).toBe(false);
  });

  test("in a cluster a task keeps them, and so does the target file of a release that rests without a task", () => {
    host.write("/var/lib/app/releases/11.target", "TARGET=127.0.0.1:20011\nIMAGE_TAG=aaaaaaa\nDIGEST=sha256:1\n");
    prune("app-22.1.x0y1z2");
    expect(Object.keys(served())).toHaveLength(4);
  });

  test("the target file of a container that is gone keeps nothing", () => {
    host.write("/var/lib/app/releases/11.target", "TARGET=10.240.0.5:3000\n");
    prune("app-22");
    expect(existsSync(host.path("var/lib/app/assets/releases/11"))).toBe(false);
  });

  test("knows a release by a container that still has the name before a rename", () => {
    prune("former-name-11", "app-22");
    expect(Object.keys(served())).toHaveLength(4);
  });

  test("also where the release that is left came first", () => {
    prune("app-11");
    expect(served()).toEqual({ "_next/static/main-1.js": "1", "_next/static/vendor-1.js": "vendor" });
    expect(tree("served").filter((line) => line.includes("only"))).toEqual([]);
  });

  test("a server that keeps nothing gets no folder", () => {
    rmSync(host.path("var/lib/app"), { recursive: true });
    prune("app-11");
    expect(existsSync(host.path("var/lib/app"))).toBe(false);
  });

  test("does nothing without an answer of Docker", () => {
    host.program("docker", '#!/bin/sh\n[ "$1" != ps ] || exit 1\n');
    expect(host.run("rollout/prune.sh", ["app", "ghcr.io/owner/app", ""]).status).toBe(1);
    expect(Object.keys(served())).toHaveLength(4);
  });
});

test("rollout/remove.sh removes the assets with the releases", () => {
  put("11", "app/.next/static/main-1.js", "1");
  keep("11");
  host.write("names", "");
  expect(host.run("rollout/remove.sh", ["app", "30", ""])).toMatchObject({ status: 0, stderr: "" });
  expect(existsSync(host.path("var/lib/app/assets"))).toBe(false);
});

describe("the setting", () => {
  test.each([
    [{ "/_next/static/": "/app/.next/static" }, true],
    [{ "/assets/": "/srv/www/assets", "/build/v1.2/": "/app/build" }, true],
    [{ "/": "/app" }, false],
    [{ "/assets": "/app" }, false],
    [{ "assets/": "/app" }, false],
    [{ "/../": "/app" }, false],
    [{ "/.well-known/": "/app" }, false],
    [{ "/a; root /;/": "/app" }, false],
    [{ "/a/": "/" }, false],
    [{ "/a/": "app" }, false],
    [{ "/a/": "/app/../etc" }, false],
    [{ "/a/": "/app/" }, false],
    [{ "/a/": "-rf" }, false],
  ])("%j is allowed: %s", (keepAssets, isAllowed) => {
    expect(keepAssetsSchema.safeParse(keepAssets).success).toBe(isAllowed);
  });

  test("an empty one keeps nothing", () => {
    expect([keepsAssets(), keepsAssets({}), keepsAssets({ "/a/": "/a" })]).toEqual([false, false, true]);
  });

  test("nginx reads one folder", () => {
    expect(servedAssets("shop")).toBe("/var/lib/shop/assets/served");
  });

  test("a folder with variables, data or written files is exposed, and a folder in one of these", () => {
    const paths = privatePaths({
      app: { environmentFile: "/app/.env.production", writable: { "/app/.next/cache": "64m" } },
      data: [{ path: "/app/data" }],
    });
    const exposed = (folder: string): string[] => exposedFolders({ "/a/": folder }, paths).map(({ holds }) => holds);
    expect(exposed("/app")).toEqual(["/app/.env.production", "/app/data", "/app/.next/cache"]);
    expect(exposed("/app/data/public")).toEqual(["/app/data"]);
    expect(exposed("/app/.next")).toEqual(["/app/.next/cache"]);
    expect(exposed("/app/.next/static")).toEqual([]);
    expect(exposed("/app/database")).toEqual([]);
    expect(exposedFolders({ "/a/": "/app/data" }, paths)).toEqual([
      { path: "/a/", folder: "/app/data", holds: "/app/data" },
    ]);
  });
});
