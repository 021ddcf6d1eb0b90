import { describe, expect, test } from "vitest";
import { dataMounts, dataPaths, dataVariable } from "../../../host/data/layout";
import { appFilesSet } from "../../../host/sets/app-files";

const whole = [{ path: "/app/data", kind: "lancedb", subdirectory: "lancedb" }];
const several = [
  { path: "/data", kind: "sqlite", name: "db" },
  { path: "/srv/uploads", kind: "files" },
];

describe("the layout of the data", () => {
  test("of one directory with a subdirectory: the app owns all of it, and one mount holds it", () => {
    expect(dataMounts("shop", whole)).toEqual([{ source: "/opt/shop/data", target: "/app/data" }]);
    expect(dataPaths("shop", whole)).toEqual(["/opt/shop/data/lancedb"]);
    expect(dataVariable(whole)).toBe("lancedb:lancedb");
  });

  test("of several directories: one mount each", () => {
    expect(dataMounts("shop", several)).toEqual([
      { source: "/opt/shop/data/db", target: "/data" },
      { source: "/opt/shop/data/uploads", target: "/srv/uploads" },
    ]);
    expect(dataVariable(several)).toBe("db:sqlite,uploads:files");
  });

  test("of an app without data: no mount and no directory", () => {
    expect(dataMounts("shop", [])).toEqual([]);
    expect(Object.keys(appFilesSet({ name: "shop", uid: 1001, identity: "", data: [] }).entries)).not.toContain(
      "/opt/shop/data",
    );
  });

  test("root owns the parent of several directories, and the app owns each of them", () => {
    const { entries, activate } = appFilesSet({ name: "shop", uid: 1001, identity: "", data: several });
    const ofApp = { kind: "directory", mode: "0750", owner: "1001:1001", ownership: "at-creation" };
    expect(entries["/opt/shop/data"]).toMatchObject({ mode: "0755", owner: "root:root", ownership: "enforced" });
    expect(entries["/opt/shop/data/db"]).toEqual(ofApp);
    expect(entries["/opt/shop/data/uploads"]).toEqual(ofApp);
    expect(activate).toEqual([["systemctl", "daemon-reload"]]);
  });
});
