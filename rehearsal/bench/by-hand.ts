import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../world/run";
import { sshCommand } from "../world/world";
import { repositoryRoot } from "../../repository";
import type { DeployedWorld } from "../driver/deployed-world";
import { imageOf, nextRelease } from "./next-release";

/** The lower limit: `by-hand.sh` over ssh to an address of the server. */
export class ByHand {
  private previous = "";

  private constructor(
    private readonly system: DeployedWorld,
    private readonly host: string,
  ) {}

  /** Deploys the first release, which has no previous one to stop. */
  static async open(system: DeployedWorld, host: string): Promise<ByHand> {
    const hand = new ByHand(system, host);
    await hand.deploy();
    return hand;
  }

  /** Deploys a new release. @returns milliseconds */
  async deploy(): Promise<number> {
    const { address, sshPort } = this.system.world.vps;
    const [ssh = "", ...words] = sshCommand(this.system.world);
    const way = ["-o", `HostName=${this.host}`, "-o", `HostKeyAlias=[${address}]:${sshPort}`];
    const script = readFileSync(join(repositoryRoot, "rehearsal", "bench", "by-hand.sh"), "utf8");
    const tag = await nextRelease(this.system);
    const name = `hand-${tag}`;
    const line = `bash -s -- ${imageOf(this.system, tag)} ${name} ${this.previous}`;
    const from = Date.now();
    await run([ssh, ...way, ...words, line], { seconds: 60, input: script });
    this.previous = name;
    return Date.now() - from;
  }

  async close(): Promise<void> {
    await this.system.onVps(`docker rm --force ${this.previous}`);
  }
}
