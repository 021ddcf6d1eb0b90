import { describe, expect, test } from "vitest";
import { leaks } from "./canary";

const secrets = { token: "canary-x/y+z=1", other: "canary-of-another" };

describe("leaks", () => {
  test.each([
    ["as it is", "TOKEN='canary-x/y+z=1'"],
    ["in base64", Buffer.from("canary-x/y+z=1").toString("base64")],
    ["in base64 behind one byte", Buffer.from("=canary-x/y+z=1 and more").toString("base64")],
    ["in base64 behind two bytes", Buffer.from("A=canary-x/y+z=1 and").toString("base64")],
    ["in base64 far inside", Buffer.from("TOKEN=canary-x/y+z=1\n").toString("base64")],
    ["percent-encoded", "https://example.com/?token=canary-x%2Fy%2Bz%3D1"],
    ["in hex", Buffer.from("canary-x/y+z=1").toString("hex")],
  ])("finds a secret %s", (_, text) => {
    expect(leaks(`before ${text} after`, secrets)).toEqual(["token"]);
  });

  test("finds nothing in a text without secrets", () => {
    expect(leaks("TOKEN='canary-x'", secrets)).toEqual([]);
  });
});
