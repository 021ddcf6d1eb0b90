import { expect, test } from "vitest";
import { HostError } from "../../host/host-error";
import { readSource, within } from "../../ops/source";

test("readSource takes cause and next step apart, each in one line", async () => {
  const error = new HostError({ operation: "list", target: "app", cause: "one\ntwo", hint: "look" });
  expect(await readSource(Promise.reject(error))).toEqual({ ok: false, cause: "list app: one; two", fix: "look" });
});

test("within names the limit, and the option that raises it", async () => {
  expect(await readSource(within(0.01, new Promise(() => undefined)))).toEqual({
    ok: false,
    cause: "no answer within 0.01 s",
    fix: "if the connection is slow, wait longer: --timeout 0.04",
    isLate: true,
  });
});
