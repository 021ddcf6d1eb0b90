import { describe, expect, test } from "vitest";
import { patiently, pauseSeconds, repeats } from "../../github/refused-call";

const headers = (values: Record<string, string> = {}): Headers => new Headers(values);

describe("pauseSeconds", () => {
  test.each([
    ["429 with the pause that is asked for", 429, { "retry-after": "7" }, 0, 7],
    ["429 without one: longer each time", 429, {}, 2, 4],
    ["the second rate limit", 403, { "retry-after": "30" }, 0, 30],
    ["a pause of an hour is too long", 429, { "retry-after": "3600" }, 0, undefined],
    ["a missing permission", 403, {}, 0, undefined],
    ["not found", 404, {}, 0, undefined],
  ])("%s", (_, status, values, attempt, expected) => {
    expect(pauseSeconds(status, headers(values as Record<string, string>), attempt)).toBe(expected);
  });
});

describe("patiently", () => {
  const answers = (...statuses: number[]) => {
    const pauses: number[] = [];
    let calls = 0;
    const send = () =>
      Promise.resolve(new Response("", { status: statuses[Math.min(calls++, statuses.length - 1)] ?? 0 }));
    const sleep = (milliseconds: number) => Promise.resolve(pauses.push(milliseconds));
    return { send, sleep, pauses };
  };

  test("repeats a call until it is answered", async () => {
    const { send, sleep, pauses } = answers(429, 429, 200);
    expect((await patiently(send, sleep)).status).toBe(200);
    expect(pauses).toEqual([1000, 2000]);
  });

  test("gives the refusal back when it does not end", async () => {
    const { send, sleep, pauses } = answers(429);
    expect((await patiently(send, sleep)).status).toBe(429);
    expect(pauses).toHaveLength(repeats);
  });
});
