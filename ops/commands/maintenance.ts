import { readFileSync, statSync } from "node:fs";
import { isIP, isIPv6 } from "node:net";
import { InvalidArgumentError, type Command } from "commander";
import { maintain, type Maintenance, type MaintenanceChange } from "../../host/maintenance/maintenance";
import { readRepositoryFile } from "../../repository";
import { onHost } from "../context";

const largestPage = 1024 * 1024;

/** An address in the form in which nginx names a client. @throws InvalidArgumentError for anything else. */
export function clientAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError(`${text} is no IP address, such as 203.0.113.7 or 2001:db8::7`);
  return isIPv6(text) ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text;
}

/** The text of a page. @throws InvalidArgumentError when the file is missing or too large. */
function pageIn(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new InvalidArgumentError(`${file} is no file`);
  if (found.size > largestPage) throw new InvalidArgumentError(`${file} has ${found.size} bytes; 1 MiB is the limit`);
  return readFileSync(file, "utf8");
}

/** The state of the maintenance in one line. */
export function renderMaintenance({ state, since, allow }: Maintenance, domain: string): string {
  if (state === "off") return `${domain} is open`;
  const allowed = allow.length > 0 ? `; ${allow.join(", ")} see the site` : "";
  return `${domain} answers 503 since ${since ?? "now"}${allowed}. To end it: ops maintenance off`;
}

interface OnOptions {
  readonly page?: string;
  readonly allow: readonly string[];
}

/** `ops maintenance`. */
export function addMaintenance(program: Command): void {
  const change = (wanted: MaintenanceChange): Promise<void> =>
    onHost(program, async ({ stack: { app }, shell, print }) => {
      print(await maintain(app.name, wanted, shell), (state) => renderMaintenance(state, app.domain));
    });
  const maintenance = program
    .command("maintenance")
    .description(
      "close the site for visitors for a while: 503 with Retry-After and a page; the health path stays open",
    );
  maintenance
    .command("on")
    .description("begin; it lasts until `off`, also over a deployment and a restart of the server")
    .option("--page <file>", "an HTML file instead of the usual page", pageIn)
    .option(
      "--allow <address>",
      "an address that sees the site; repeat it for more",
      (text: string, before: readonly string[]) => [...before, clientAddress(text)],
      [],
    )
    .action(({ page, allow }: OnOptions) =>
      change({ verb: "on", page: page ?? readRepositoryFile("host", "maintenance", "page.html"), allow }),
    );
  maintenance
    .command("off")
    .description("end")
    .action(() => change({ verb: "off" }));
  maintenance
    .command("status")
    .description("say whether the site is closed, since when, and who sees it")
    .action(() => change({ verb: "status" }));
}
