// Clients that open a new connection for each request, until a file appears. Prints how each request ended, with its number.
// new-connections.mjs <http/1.1|h2> <address> <name of the site> <clients> <file>
import { existsSync } from "node:fs";
import { connect } from "node:http2";
import { get } from "node:https";

const [protocol, address, name, clients, file] = process.argv.slice(2);
const deadlineMs = 20_000;

const overHttp1 = () =>
  new Promise((resolve, reject) => {
    const options = {
      host: address,
      servername: name,
      headers: { host: name },
      rejectUnauthorized: false,
      agent: false,
    };
    const sent = get({ ...options, timeout: deadlineMs }, (response) => {
      response.on("end", () => resolve(response.statusCode)).on("error", reject);
      response.resume();
    });
    sent.on("timeout", () => sent.destroy(new Error("timeout"))).on("error", reject);
  });

const overHttp2 = () =>
  new Promise((resolve, reject) => {
    const session = connect(`https://${address}`, { servername: name, rejectUnauthorized: false });
    session.on("error", reject);
    const stream = session.request({ ":authority": name });
    let status;
    stream.on("response", (headers) => (status = headers[":status"])).on("error", reject);
    stream.setTimeout(deadlineMs, () => session.destroy(new Error("timeout")));
    stream.on("end", () => status !== undefined && resolve(status)).on("close", () => session.close());
    stream.resume();
  });

const counts = {};
async function client() {
  while (!existsSync(file)) {
    const result = await (protocol === "h2" ? overHttp2() : overHttp1()).catch((error) => error.message);
    counts[result] = (counts[result] ?? 0) + 1;
  }
}
await Promise.all(Array.from({ length: Number(clients) }, client));
process.stdout.write(JSON.stringify(counts));
