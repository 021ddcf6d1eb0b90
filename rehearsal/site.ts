import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { World } from "./world/world";

/** Address of the world's site, and the arguments with which curl reaches it. */
export const siteOf = ({ domain, vps, acme }: World) => ({
  url: `https://${domain}:${vps.httpsPort}`,
  curl: ["--resolve", `${domain}:${vps.httpsPort}:${vps.address}`, "--cacert", acme.caFile],
});

const answerSeconds = 10;

/** Status and body of a GET of the site through its published port; its certificate must be the world's. */
export function getFromSite(world: World, path: string): Promise<{ status: number; body: string }> {
  const { domain, vps, acme } = world;
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: vps.address,
        port: vps.httpsPort,
        servername: domain,
        headers: { host: domain },
        path,
        ca: readFileSync(acme.caFile),
        timeout: answerSeconds * 1000,
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => (body += text));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, body });
        });
      },
    );
    call.on("timeout", () => call.destroy(new Error(`no answer within ${answerSeconds} s`)));
    call.on("error", reject);
    call.end();
  });
}

/** The variables with which a command of `ops` asks the world's site. No DNS knows its name. */
export const siteVariables = ({ vps, acme }: World): Record<string, string> => ({
  OPS_RESOLVE: `${vps.address}:${vps.httpsPort}`,
  NODE_EXTRA_CA_CERTS: acme.caFile,
});
