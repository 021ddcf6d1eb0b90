import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileSet } from "../../provider/resources/file-set";
import { fileSetInputsSchema, type FileSetInputs } from "../../host/file-set/inputs";
import { SshShell } from "../../host/ssh/ssh-shell";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const tag = "a0000aa";
let system: DeployedWorld;
let shell: SshShell;
let sets: Record<string, FileSetInputs>;

/** The program's deployed file sets without secrets, by name. */
async function deployedSets(names: readonly string[]): Promise<Record<string, FileSetInputs>> {
  const { output } = await system.pulumiRun(["stack", "export"]);
  const { resources } = (JSON.parse(output) as { deployment: { resources: { urn: string; inputs: unknown }[] } })
    .deployment;
  const inputsOf = (name: string) => resources.find(({ urn }) => urn.endsWith(`FileSet::${name}`))?.inputs;
  return Object.fromEntries(names.map((name) => [name, fileSetInputsSchema.parse(inputsOf(name))]));
}

beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(tag);
  await system.deploy(tag);
  const { address, sshPort, user, hostKey } = system.world.vps;
  process.env["SSH_AUTH_SOCK"] = system.world.agentSocket;
  shell = new SshShell({ host: address, port: sshPort, user, hostKey });
  sets = await deployedSets(["host-files", "host-app-logs", "site-files", "nginx-files"]);
});

afterAll(() => shell.close());

const folders = "/etc/nginx /etc/systemd/system /usr/local/lib /opt/memoryloop/config";

/** Every file, folder and link with mode, owner, time and content; and nginx's start time and processes. */
const host = (): Promise<string> =>
  system.onVps(`find ${folders} -not -name lock -printf '%p %y %m %U:%G %T@ %l\n' | sort
    find ${folders} -type f -exec sha256sum {} + | sort
    systemctl show nginx --property MainPID,ExecMainStartTimestamp,NRestarts
    pgrep -P "$(systemctl show nginx --property MainPID --value)" | sort`);

/** The set with a further line in one file and another mode for each other entry, so that every entry would change. */
function broken(set: FileSetInputs, path: string, line: string): FileSetInputs {
  const entries = Object.entries(set.entries).map(([name, entry]) => {
    if (entry.kind !== "file") return [name, entry];
    return [name, name === path ? { ...entry, content: `${entry.content}${line}\n` } : { ...entry, mode: "0600" }];
  });
  return { ...set, entries: Object.fromEntries(entries) as FileSetInputs["entries"] };
}

const units = "/etc/systemd/system";
const nginx = "/etc/nginx/sites-available/memoryloop.conf";

describe("a file set whose validation fails changes no file, mode, owner or process", () => {
  test.each([
    ["nginx's syntax", "site-files", nginx, "foo bar;", /unknown directive "foo"/],
    ["the syntax of nginx's own file", "nginx-files", "/etc/nginx/nginx.conf", "foo bar;", /unknown directive "foo"/],
    [
      "a key that systemd does not know",
      "host-files",
      `${units}/memoryloop-release@.service`,
      "ExecStar=/bin/true",
      /memoryloop-release@\.service:\d+: Unknown key.*'ExecStar'/,
    ],
    [
      "a value that systemd does not know",
      "host-files",
      `${units}/memoryloop-release@.socket`,
      "[Socket]\nSocketMode=rw",
      /memoryloop-release@\.socket:\d+: .*rw/,
    ],
    [
      "a timer that systemd refuses",
      "host-app-logs",
      `${units}/memoryloop-logs.timer`,
      "[Timer]\nOnCalendar=whenever",
      /memoryloop-logs\.timer:\d+: .*whenever/,
    ],
  ])("%s", async (_, name, path, line, words) => {
    const set = sets[name];
    if (set === undefined) throw new Error(`there is no file set ${name}`);
    const before = await host();
    await expect(fileSet.update(set, broken(set, path, line), shell)).rejects.toThrow(words);
    expect(await host()).toBe(before);
    expect((await system.health()).body["version"]).toBe(tag);
  });

  test("afterwards nothing differs", async () => {
    const { code, output } = await system.pulumiRun(["preview", "--refresh", "--expect-no-changes"]);
    expect(code, output).toBe(0);
  });
});
