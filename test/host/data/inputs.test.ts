import { describe, expect, test } from "vitest";
import { dataKinds, dataProblem, dataSchema, directoryNameOf } from "../../../host/data/inputs";

const messages = (data: unknown): string[] =>
  dataSchema.safeParse(data).error?.issues.map(({ message }) => message) ?? [];

describe("dataSchema", () => {
  test("knows a kind for each script", () => {
    expect(dataKinds.toSorted()).toEqual(["files", "lancedb", "sqlite"]);
  });

  test("has the layout of earlier versions as its default, and accepts no data at all", () => {
    expect(dataSchema.parse(undefined)).toEqual([{ path: "/app/data", kind: "lancedb", subdirectory: "lancedb" }]);
    expect(dataSchema.parse([])).toEqual([]);
  });

  test.each(["data", "/", "/data/", "/data/../etc", "/da ta", "/data,x:files"])("refuses the path %s", (path) => {
    expect(messages([{ path, kind: "files" }])).toContain("an absolute path in the container, such as /app/data");
  });

  test("asks for a name if the path's last part is none", () => {
    expect(messages([{ path: "/srv/app.d", kind: "files" }])).toEqual([
      "the last part of the path has a dot: give the directory a name",
    ]);
    expect(messages([{ path: "/srv/app.d", kind: "files", name: "app" }])).toEqual([]);
  });
});

describe("dataProblem", () => {
  const files = (path: string) => ({ path, kind: "files" });

  test("names directories that cannot be kept apart", () => {
    expect(dataProblem([files("/a/data"), files("/b/data")])).toBe(
      "two directories have the name data: give one of them another name",
    );
    expect(dataProblem([files("/data"), files("/data/db")])).toBe(
      "/data/db is inside another directory of the list: list only the outer one",
    );
    expect(dataProblem([files("/data"), { ...files("/db"), subdirectory: "x" }])).toBe(
      "subdirectory is only for a single directory: leave it out",
    );
    expect(dataProblem([files("/data"), files("/database")])).toBeUndefined();
  });
});

describe("directoryNameOf", () => {
  test("is the subdirectory, the name, or the last part of the path", () => {
    expect(directoryNameOf({ path: "/app/data", kind: "lancedb", subdirectory: "lancedb" })).toBe("lancedb");
    expect(directoryNameOf({ path: "/srv/app", kind: "files", name: "uploads" })).toBe("uploads");
    expect(directoryNameOf({ path: "/srv/app", kind: "files" })).toBe("app");
  });
});
