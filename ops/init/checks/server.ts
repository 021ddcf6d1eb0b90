import { createHash } from "node:crypto";
import { configSchema } from "../../../config";
import type { Inventory, Reading } from "../../../host/inventory/inventory";
import { findProblems, renderProblem } from "../../../host/inventory/rules";
import { adoptable, type Expectations } from "../../../host/inventory/rules/problem";
import type { Source } from "../../source";
import { bad, doubtful, good, type Form, type Verdict } from "../verdict";
import { isPlaceholder } from "./placeholder";

const { host, user } = configSchema.shape.host.shape;

/** A login on a server. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

const loginPattern = /^(?:([^@\s]+)@)?(?:\[([0-9a-f:.]+)\]|([^:\s]+))(?::(\d{1,5}))?$/i;
const example =
  "give the address that the provider shows, such as 10.20.30.40, admin@server.mysite.org or 10.20.30.40:2222";

/** `[user@]host[:port]` as a login. The user is root and the port 22 where the answer does not say. */
export function checkLogin(answer: string): Form<Login> {
  const text = answer.trim();
  if (text === "") return bad("the program needs a server", example);
  if (text.includes("/")) return bad(`${text} is a URL or a path, not a server`, example);
  const [, login = "root", bracketed, plain, digits = "22"] = loginPattern.exec(text) ?? [];
  const name = bracketed ?? plain;
  if (name === undefined || !host.safeParse(name).success) return bad(`${text} is not a name or an address`, example);
  if (!user.safeParse(login).success)
    return bad(`${login} cannot be a user's name`, "give a user such as root or admin");
  const port = Number(digits);
  if (port < 1 || port > 65_535) return bad(`${digits} is not a TCP port`, "give a port from 1 to 65535, such as :22");
  if (isPlaceholder(name)) return bad(`${name} is an example of documentation, no server`, example);
  return good({ host: name, port, user: login });
}

/** The login as `checkLogin` reads it. */
export const loginText = ({ host: name, port, user: login }: Login): string =>
  `${login}@${name.includes(":") ? `[${name}]` : name}${port === 22 ? "" : `:${port}`}`;

/** The fingerprint of a public host key, as `ssh-keygen -l` and providers print it. */
export const fingerprintOf = (hostKey: string): string =>
  `SHA256:${createHash("sha256")
    .update(Buffer.from(hostKey.split(" ")[1] ?? "", "base64"))
    .digest("base64")
    .replace(/=+$/, "")}`;

/** The host key that a server showed, or why it showed none. */
export function checkShownKey(login: Login, shown: Source<string>): Form<string> {
  if (shown.ok) return good(shown.value);
  const { host: name, port } = login;
  if (/ENOTFOUND|EAI_AGAIN/.test(shown.cause)) return bad(`${name} has no address in DNS`, example);
  if (shown.cause.includes("ECONNREFUSED"))
    return bad(
      `${name} refuses connections to port ${port}`,
      `check the port in the provider's console: ssh -p ${port} ${name}; another port is given as ${name}:2222`,
    );
  if (/EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|[Tt]imed out/.test(shown.cause))
    return bad(
      `${name} does not answer on port ${port}`,
      "check the address, that the server is on, and the provider's firewall",
    );
  return bad(`no ssh server answers at ${name}:${port}: ${shown.cause}`, `check it: ssh -p ${port} ${name}`);
}

/** Whether the operator accepts the host key: `yes`, its fingerprint, or the key itself. */
export function checkHostKey(answer: string, shown: string): Form<string> {
  const text = answer.trim();
  const fingerprint = fingerprintOf(shown);
  if (/^y(es)?$/i.test(text) || text === fingerprint || text === shown) return good(shown);
  const compare =
    "compare it with the key in the provider's console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub prints it there";
  if (/^no?$/i.test(text) || text === "") return bad("the host key is not confirmed, so nothing connects", compare);
  return bad(`the server shows ${fingerprint}, not ${text}: it is another server, or it was installed again`, compare);
}

const gib = (megabytes: number): string => `${(megabytes / 1024).toFixed(1)} GiB`;

/** The findings about a server in one line. */
function serverSummary({ os, memory, disk, docker, container, nginx }: Inventory): string {
  const free = disk.find(({ mount }) => mount === "/")?.freeMb ?? disk[0]?.freeMb ?? 0;
  const parts = [
    `${os.id} ${os.version}, ${os.architecture}`,
    `${gib(memory.totalMb)} memory`,
    `${gib(free)} free`,
    docker.package === "none" ? "no Docker yet" : `Docker ${docker.version}, ${container.length} containers`,
    nginx.version === "" ? "no nginx yet" : `nginx ${nginx.version}`,
  ];
  return parts.join("; ");
}

type Adoptable = (typeof adoptable)[number];

/** The words of `host.adopt` that the problems of a server need; undefined when no word permits them all. */
function neededAdoptions(reading: Reading, expected: Expectations): readonly Adoptable[] | undefined {
  const problemsWith = (adopt: readonly Adoptable[]) =>
    findProblems(reading.inventory, reading.noise, { ...expected, adopt });
  if (problemsWith(adoptable).length > 0) return undefined;
  return adoptable.filter((word) => problemsWith(adoptable.filter((other) => other !== word)).length > 0);
}

const loginShell = "chsh --shell /bin/bash, and remove what exits from its start-up files";

/** Whether the program may work on a server: every problem that the preflight would report. */
export function checkInventory(
  found: Source<Reading | undefined>,
  expected: Expectations,
): Verdict<{ readonly inventory: Inventory; readonly adopt: readonly Adoptable[] }> {
  if (!found.ok) return bad(found.cause, found.fix);
  const reading = found.value;
  if (reading === undefined) return bad("the login shell did not run a script to its end", loginShell);
  const { inventory } = reading;
  const problems = findProblems(inventory, reading.noise, expected);
  if (problems.length === 0) return good({ inventory, adopt: expected.adopt }, serverSummary(inventory));
  const words = problems.map(renderProblem).join("\n");
  const adopt = neededAdoptions(reading, expected);
  if (adopt === undefined) return bad(words, "correct this on the server, then answer again; nothing was changed");
  const next = `keep the answer, and the program replaces it (host.adopt: ${adopt.join(", ")}); or correct it on the server`;
  return doubtful({ inventory, adopt }, words, next);
}
