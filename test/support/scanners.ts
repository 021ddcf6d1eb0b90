import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { run } from "../../rehearsal/world/run";
import { sshCommand, type World } from "../../rehearsal/world/world";
import { repositoryRoot } from "../../repository";

const installSeconds = 300;
const scanSeconds = 600;

const folder = join(repositoryRoot, ".rehearsal", "scanners");

/** Guarantees testssl.sh and ssh-audit. */
export const installScanners = (): Promise<string> =>
  run(["sh", join(repositoryRoot, "test", "support", "scanners.sh"), folder], { seconds: installSeconds });

const findingsSchema = z.array(z.object({ id: z.string(), severity: z.string(), finding: z.string() }));

/** The findings of testssl.sh about the world's site. It trusts the world's authority. */
export async function scanTls({ vps, domain, acme, folder: place }: World): Promise<z.infer<typeof findingsSchema>> {
  const report = join(place, "testssl.json");
  const how = ["--quiet", "--warnings", "batch", "--ip", vps.address, "--add-ca", acme.caFile];
  const words = [...how, "--overwrite", "--jsonfile", report, `${domain}:${vps.httpsPort}`];
  // The exit status is the number of findings of every kind, so it is not an error.
  const ended = await run([join(folder, "testssl"), ...words], { seconds: scanSeconds }).catch(String);
  const text = await readFile(report, "utf8").catch(() => {
    throw new Error(`testssl.sh left no report:\n${ended}`);
  });
  return findingsSchema.parse(JSON.parse(text));
}

/**
 * Compares the world's sshd with ssh-audit's newest policy for its version of Debian.
 * @returns the policy's name
 * @throws Error that names the differences
 */
export async function auditSsh(world: World): Promise<string> {
  const audit = join(folder, "ssh-audit");
  const release = await run([...sshCommand(world), ". /etc/os-release; echo $VERSION_ID"], { seconds: scanSeconds });
  const listed = await run([audit, "--list-policies"], { seconds: scanSeconds });
  const policies = [...listed.matchAll(/"(Hardened Debian (\d+) \(version \d+\))"/g)];
  const policy = policies.filter(([, , version]) => version === release.trim()).at(-1)?.[1];
  if (policy === undefined) throw new Error(`ssh-audit has no policy for Debian ${release.trim()}:\n${listed}`);
  const { address, sshPort } = world.vps;
  await run([audit, "--policy", policy, "--port", `${sshPort}`, address], { seconds: scanSeconds });
  return policy;
}
