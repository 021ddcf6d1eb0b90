import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { run } from "../../../world/run";

/** Answers to the recorded command line and waits until it is told to stop. */
const nodeScript = "#!/bin/sh\ntrap 'exit 0' TERM\nsleep 86400 &\nwait\n";

/** A tar file of the smallest root file system whose `node` runs: a shell, sleep and their libraries. Give it back with `removeRootfs`. */
export async function makeRootfs(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "conformance-rootfs-"));
  const root = path.join(folder, "root");
  for (const program of ["/bin/sh", "/bin/sleep"]) {
    const linked = await run(["ldd", program], { seconds: 10 });
    const libraries = [...linked.matchAll(/(\/\S+) \(0x/g)].map(([, library = ""]) => library);
    for (const file of [program, ...libraries]) copy(file, root);
  }
  const node = path.join(root, "bin/node");
  writeFileSync(node, nodeScript);
  chmodSync(node, 0o755);
  const archive = path.join(folder, "rootfs.tar");
  await run(["tar", "-cf", archive, "-C", root, "."], { seconds: 20 });
  return archive;
}

/** Removes what `makeRootfs` made. */
export function removeRootfs(archive: string): void {
  rmSync(path.dirname(archive), { recursive: true, force: true });
}

function copy(file: string, root: string): void {
  const target = path.join(root, file);
  if (existsSync(target)) return;
  mkdirSync(path.dirname(target), { recursive: true });
  cpSync(file, target, { dereference: true });
}
