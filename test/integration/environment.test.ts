import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getFromSite } from "../../rehearsal/site";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const tag = "e0000e4";
const port = 11434;
const patiently = { timeout: 30_000, interval: 500 };

/** Values with characters that have a special meaning in an env file. */
const odd = {
  NEXT_PUBLIC_DOLLARS: "$HOME ${HOME} \\$HOME $$",
  NEXT_PUBLIC_HASH: "a#b # c",
  NEXT_PUBLIC_LINES: "first\nsecond\r\n\nlast",
  NEXT_PUBLIC_QUOTES: `it's "quoted"`,
};

/** Variables, by their paths in the stack file. */
const withVariables = (variables: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [`variables.${name}`, value]));

let system: DeployedWorld;
beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(tag);
  await system.deploy(tag);
  await system.onVps(`systemd-run --quiet --unit=ollama python3 -c '${ollama}'`);
});
afterAll(async () => {
  await system.onVps("systemctl stop ollama.service 2>/dev/null || true");
  await system.deploy();
});

/** A service on the server that answers every request with 200. */
const ollama = `
from http.server import *
class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
HTTPServer(("0.0.0.0", ${port}), Answer).serve_forever()`;

const serving = "$(docker ps --quiet --filter label=app=memoryloop)";

/** Whether the active release reaches the service at the gateway of its network. */
async function reaches(): Promise<boolean> {
  const gateway = await system.onVps("docker network inspect memoryloop --format '{{(index .IPAM.Config 0).Gateway}}'");
  const ask = `fetch("http://${gateway}:${port}", { signal: AbortSignal.timeout(2000) }).then(() => console.log(true), () => console.log(false))`;
  return (await system.onVps(`docker exec ${serving} node --eval '${ask}'`)) === "true";
}

describe("the server's own Ollama", () => {
  test("is unreachable until OLLAMA_BASE_URL names it", async () => {
    expect(await system.onVps(`curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:${port}/`)).toBe("200");
    expect(await reaches()).toBe(false);
    await system.deploy(
      undefined,
      system.otherCheckout(withVariables({ ...odd, OLLAMA_BASE_URL: `http://host.docker.internal:${port}` })),
    );
    expect(await reaches()).toBe(true);
    const { status, body } = await system.health();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: "healthy",
      checks: { ollama: { status: "up", latencyMs: expect.any(Number) as number } },
    });
  });

  test("makes the app degraded when it is stopped; this is no failure", async () => {
    await system.onVps("systemctl stop ollama.service");
    const ask = async () => {
      const { status, body } = await system.health();
      return { status, health: body["status"], checks: body["checks"] };
    };
    await expect
      .poll(ask, patiently)
      .toMatchObject({ status: 200, health: "degraded", checks: { ollama: { status: "down" } } });
  });
});

describe("a value of the configuration", () => {
  test.each(Object.entries(odd))("%s reaches the app unchanged", async (name, value) => {
    const { body } = await getFromSite(system.world, `/api/env?name=${name}`);
    const sha256 = createHash("sha256").update(value).digest("hex");
    expect(JSON.parse(body)).toEqual({ name, present: true, sha256, value });
  });
});
