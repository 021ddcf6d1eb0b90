import { describe, expect, test } from "vitest";
import {
  containerProblem,
  healthProblem,
  judge,
  judgeAll,
  parseAttempts,
  type Attempt,
} from "../../../host/rollout/health";
import { gateSchema } from "../../../host/rollout/inputs";

const gate = gateSchema.parse({});
const fine = { running: true, exitCode: 0, oomKilled: false, restarts: 0 };
const healthyBody = JSON.stringify({
  status: "healthy",
  checks: { database: { status: "up", latencyMs: 5 }, ollama: { status: "down" } },
  version: "4f2c1e9",
  uptime: 3,
});
const answer = (status: number, body: string): Attempt => ({
  kind: "answer",
  container: fine,
  seconds: 0.1,
  status,
  body,
  version: "",
});
const late: Attempt = { kind: "timeout", container: fine, seconds: 30 };
const refused: Attempt = { kind: "refused", container: fine, seconds: 0 };

describe("healthProblem", () => {
  test("200 with the critical checks up is healthy, whatever the others say", () => {
    expect(healthProblem(answer(200, healthyBody), gate)).toBeUndefined();
  });

  test.each([
    ["a redirect", answer(302, ""), "answered 302, not 200"],
    ["500", answer(500, "boom"), "answered 500, not 200: boom"],
    [
      "several lines",
      answer(500, '{\n  "error": "<b>boom</b>"\n}\n'),
      'answered 500, not 200: { "error": "<b>boom</b>" }',
    ],
    [
      "a page of nginx",
      answer(502, "<html>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"),
      "answered 502, not 200: 502 Bad Gateway",
    ],
    ["a body that is no health status", answer(200, "<html>"), "200, but the body is not a health status: <html>"],
    ["a late answer", late, "no answer within 30 s"],
    [
      "a critical check down",
      answer(200, JSON.stringify({ status: "degraded", checks: { database: { status: "down" } } })),
      'critical check "database" is "down", not "up"',
    ],
    [
      "a critical check missing",
      answer(200, JSON.stringify({ status: "healthy", checks: {} })),
      'critical check "database" is "missing", not "up"',
    ],
  ])("%s is not", (_, attempt, reason) => {
    expect(healthProblem(attempt, gate)).toBe(reason);
  });

  test("status unhealthy is not, though the answer is 200", () => {
    const body = JSON.stringify({ status: "unhealthy", checks: { database: { status: "up" } } });
    expect(healthProblem(answer(200, body), gate)).toContain('status is "unhealthy"');
  });

  test.each(["down", "Unhealthy", "HEALTHY", "ok", ""])('status "%s" is none of the known values', (status) => {
    const body = JSON.stringify({ status, checks: { database: { status: "up" } } });
    expect(healthProblem(answer(200, body), gate)).toBe(
      `status is "${status}", which is none of healthy, degraded, unhealthy: ${body}`,
    );
  });

  test("status degraded is healthy", () => {
    const body = JSON.stringify({ status: "degraded", checks: { database: { status: "up" } } });
    expect(healthProblem(answer(200, body), gate)).toBeUndefined();
  });

  test("a body without checks is healthy where no check is critical", () => {
    expect(healthProblem(answer(200, '{"status":"healthy"}'), { ...gate, criticalChecks: [] })).toBeUndefined();
  });

  test("any body is, where the gate says so; the status still counts", () => {
    const any = gateSchema.parse({ body: "any", criticalChecks: [] });
    expect(healthProblem(answer(200, "ok"), any)).toBeUndefined();
    expect(healthProblem(answer(503, "no"), any)).toBe("answered 503, not 200: no");
  });

  test("the version can be in a header", () => {
    const any = gateSchema.parse({
      body: "any",
      criticalChecks: [],
      version: "sha-4F2C1E9",
      versionHeader: "X-Version",
    });
    expect(healthProblem({ ...answer(200, "ok"), version: "4f2c1e9a0b" } as Attempt, any)).toBeUndefined();
    expect(healthProblem(answer(200, healthyBody), any)).toContain('version is "", expected "sha-4F2C1E9"');
  });

  test("a body over the limit names the limit", () => {
    expect(healthProblem({ kind: "large", container: fine, seconds: 0.1 }, gate)).toBe(
      "the body is larger than the limit of 65536 bytes",
    );
  });

  test("another version than the expected is not", () => {
    expect(healthProblem(answer(200, healthyBody), { ...gate, version: "bbbbbbb" })).toBe(
      'version is "4f2c1e9", expected "bbbbbbb": the image does not hold the commit its tag names',
    );
  });
});

describe("containerProblem", () => {
  test("an exit names its code", () => {
    const attempt: Attempt = { ...refused, container: { ...fine, running: false, exitCode: 3 } };
    expect(containerProblem(attempt)).toBe("the container exited with code 3");
  });

  test("a restart by Docker is an exit", () => {
    expect(containerProblem({ ...refused, container: { ...fine, restarts: 1 } })).toBe(
      "the container exited with code 0",
    );
  });

  test("out of memory says so", () => {
    const attempt: Attempt = { ...refused, container: { ...fine, running: false, oomKilled: true, exitCode: 137 } };
    expect(containerProblem(attempt)).toBe("the container was killed for using more memory than its limit");
  });
});

describe("judge", () => {
  test("the last healthy answer in a row passes", () => {
    expect(judge(answer(200, healthyBody), { successes: 1, failures: 0 }, gate)).toEqual({ kind: "passed" });
  });

  test("one healthy answer is not enough", () => {
    expect(judge(answer(200, healthyBody), { successes: 0, failures: 2 }, gate)).toEqual({
      kind: "again",
      progress: { successes: 1, failures: 0 },
      pauseSeconds: 0,
    });
  });

  test("a refused connection is waiting, not failing", () => {
    expect(judge(refused, { successes: 0, failures: 2 }, gate)).toEqual({
      kind: "again",
      progress: { successes: 0, failures: 2 },
      pauseSeconds: 0,
    });
  });

  test("three failed retries after a failure end it", () => {
    expect(judge(answer(500, ""), { successes: 0, failures: 2 }, gate)).toMatchObject({ kind: "again" });
    expect(judge(answer(500, ""), { successes: 0, failures: 3 }, gate)).toEqual({
      kind: "failed",
      reason: "answered 500, not 200 (4 times in a row)",
    });
  });

  test("a container that ended ends it at once", () => {
    const attempt: Attempt = { ...refused, container: { ...fine, running: false, exitCode: 1 } };
    expect(judge(attempt, { successes: 0, failures: 0 }, gate)).toEqual({
      kind: "failed",
      reason: "the container exited with code 1",
    });
  });
});

describe("judgeAll", () => {
  const start = { successes: 0, failures: 0 };

  test("judges attempts in their order", () => {
    const attempt = answer(200, healthyBody);
    expect(judgeAll([attempt, attempt], start, gate)).toEqual({ attempt, verdict: { kind: "passed" } });
  });

  test("goes on from the last where none decides", () => {
    expect(judgeAll([answer(200, healthyBody), answer(500, "")], start, gate)).toMatchObject({
      attempt: { status: 500 },
      verdict: { kind: "again", progress: { successes: 0, failures: 1 } },
    });
  });

  test("ends at the first attempt that decides", () => {
    const ended: Attempt = { ...refused, container: { ...fine, running: false, exitCode: 1 } };
    expect(judgeAll([ended, answer(200, healthyBody)], start, gate)).toMatchObject({
      attempt: ended,
      verdict: { kind: "failed" },
    });
  });
});

describe("parseAttempts", () => {
  test("reads one attempt a line", () => {
    const lines = [answer(200, "a\nb"), refused].map((attempt) => JSON.stringify(attempt)).join("\n");
    expect(parseAttempts(`${lines}\n`)).toEqual([answer(200, "a\nb"), refused]);
  });

  test("takes no silence for an answer", () => {
    expect(() => parseAttempts("")).toThrow();
  });
});
