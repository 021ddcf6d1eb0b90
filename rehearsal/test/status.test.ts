import { describe, expect, test } from "vitest";
import { healthIn } from "../status";

describe("healthIn", () => {
  test("is the endpoint's own body", () => {
    expect(healthIn('{"status":"unhealthy"}')).toEqual({ status: "unhealthy" });
  });

  test("is null for nginx's own page, as after a first deployment that was cut short", () => {
    expect(healthIn("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n")).toBeNull();
  });
});
