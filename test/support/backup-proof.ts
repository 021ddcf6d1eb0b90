import { expect } from "vitest";
import type { BackupSandbox } from "../../rehearsal/driver/backup-sandbox";

/** Every backup in the bucket can be restored. */
export async function expectAllRestore(host: BackupSandbox): Promise<void> {
  for (const name of [...(await host.verified("daily")), ...(await host.verified("permanent"))]) {
    const { code, stderr } = await host.run("restore", ["drill", name.replace(/^.*\//, "")]);
    expect(code, stderr).toBe(0);
  }
}

/** A run after a fault succeeds, and the fault leaves nothing on the server or in the bucket. */
export async function expectNextRunClean(host: BackupSandbox): Promise<void> {
  const { code, stderr } = await host.run("backup", ["daily"]);
  expect(code, stderr).toBe(0);
  expect(host.leftovers()).toEqual([]);
  const names = (await host.objects()).map(({ fileName }) => fileName).filter((name) => name.startsWith("daily/"));
  expect(new Set(names.map((name) => name.replace(/\..*/, "")))).toEqual(new Set(await host.verified("daily")));
}
