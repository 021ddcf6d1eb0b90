import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { DeployedWorld } from "../../rehearsal/driver/deployed-world";

const tag = "1095000";
/** Makes the text of each run unique, so that lines of an earlier run do not match. */
const run = randomUUID().slice(0, 8);

let system: DeployedWorld;
beforeAll(async () => {
  system = await DeployedWorld.open();
  await system.release(tag);
  await system.deploy(tag);
});

const serving = "$(docker ps --quiet --filter label=app=memoryloop)";
// systemd refuses more than five starts in ten seconds.
const append = "systemctl reset-failed memoryloop-logs.service && systemctl start memoryloop-logs.service";
const state = "/var/lib/memoryloop/logs.state";

/** Makes the app print a line, and waits until the line is in the journal. */
const say = (text: string) =>
  system.onVps(
    `docker exec ${serving} sh -c 'echo "${text}" >/proc/1/fd/1' &&
     until journalctl --quiet --lines 50 CONTAINER_TAG=memoryloop | grep --quiet '${text}'; do sleep 0.1; done`,
  );

/** The lines of the log files that contain the text, with their time and release. */
async function logged(text: string): Promise<string[]> {
  const found = await system.onVps(`cd /opt/memoryloop/logs/app && grep --no-filename '${text}' app-*.log || true`);
  return found.split("\n").filter(Boolean);
}

describe("the app's log files", () => {
  test("contain each line once, with its time and its release, also after several runs", async () => {
    await say(`first of ${run}: äöü`);
    await system.onVps(`${append} && ${append}`);
    await say(`second of ${run}`);
    await system.onVps(`${append} && ${append}`);
    const [first, second, ...others] = await logged(`of ${run}`);
    const name = await system.onVps(`docker inspect ${serving} --format '{{.Name}}'`);
    const line = (text: string) =>
      new RegExp(`^20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ ${name.slice(1)} ${text}$`);
    expect(first).toMatch(line(`first of ${run}: äöü`));
    expect(second).toMatch(line(`second of ${run}`));
    expect(others).toEqual([]);
  });

  test("have one file for each day", async () => {
    await say(`today ${run}`);
    await system.onVps(append);
    const day = (await logged(`today ${run}`))[0]?.slice(0, 10) ?? "";
    const file = `/opt/memoryloop/logs/app/app-${day}.log`;
    expect(await system.onVps(`grep --count 'today ${run}' ${file}; stat --format '%a %U:%G' ${file}`)).toBe(
      "1\n640 root:root",
    );
  });

  test("contain each line once, also when an earlier run was interrupted", async () => {
    await system.onVps(`${append} && cp ${state} ${state}.before`);
    await say(`cut short ${run}`);
    await system.onVps(`${append} && mv ${state}.before ${state}`);
    expect(await logged(`cut short ${run}`)).toHaveLength(1);
    await system.onVps(append);
    expect(await logged(`cut short ${run}`)).toHaveLength(1);
  });

  test("are kept for 14 days", async () => {
    const file = (daysAgo: number) => `app-$(date --utc --date '${daysAgo} days ago' +%F).log`;
    await system.onVps(`cd /opt/memoryloop/logs/app && touch ${file(13)} ${file(14)} ${file(40)} && ${append}`);
    const kept = await system.onVps(
      `cd /opt/memoryloop/logs/app && ls ${file(13)} ${file(14)} ${file(40)} 2>/dev/null || true`,
    );
    expect(kept).toBe(await system.onVps(`echo ${file(13)}`));
    await system.onVps(`rm /opt/memoryloop/logs/app/${file(13)}`);
  });

  test("are written by a timer, every minute", async () => {
    const next = await system.onVps(
      "systemctl show memoryloop-logs.timer --property ActiveState --property TimersCalendar",
    );
    expect(next).toMatch(/ActiveState=active/);
    expect(next).toContain("OnCalendar=*-*-* *:*:00");
  });

  test("leave `docker logs` working", async () => {
    await say(`docker ${run}`);
    expect(await system.onVps(`docker logs --tail 5 ${serving}`)).toContain(`docker ${run}`);
  });
});
