import { docker } from "../../../world/docker";
import { ensureImage } from "../../../world/images";
import { isolation, withoutSysResource } from "../../../world/vps";

const bootSeconds = 120;

/** A server of a test's own with a Swarm of one node. Root opens with the given key. */
export class SwarmServer {
  private constructor(
    private readonly container: string,
    /** Of its sshd, on 127.0.0.1. */
    readonly sshPort: string,
  ) {}

  /**
   * Starts the server and its Swarm.
   * @param publicKey path of the key that opens it
   * @param hostKey path of its host key
   */
  static async start(publicKey: string, hostKey: string): Promise<SwarmServer> {
    const image = await ensureImage("vps", () => undefined);
    const lacking = withoutSysResource() ? ["--cap-drop", "SYS_RESOURCE"] : [];
    const places = ["--publish", "127.0.0.1::22", "--volume", "/var/lib/docker"];
    const container = await docker(["create", ...isolation, ...lacking, ...places, image]);
    try {
      await docker(["cp", publicKey, `${container}:/root/.ssh/authorized_keys`]);
      await docker(["cp", hostKey, `${container}:/etc/ssh/ssh_host_ed25519_key`]);
      await docker(["start", container]);
      const settle = "until docker info >/dev/null 2>&1 && systemctl --quiet is-active ssh; do sleep 0.2; done";
      await docker(["exec", container, "timeout", `${bootSeconds}`, "sh", "-c", settle], bootSeconds + 5);
      await docker(["exec", container, "docker", "swarm", "init", "--advertise-addr", "eth0"]);
      const published = await docker(["port", container, "22"]);
      return new SwarmServer(container, published.split(":").at(-1) ?? "");
    } catch (error) {
      await docker(["rm", "--force", "--volumes", container]);
      throw error;
    }
  }

  /** The output of `docker <words>` on the server. */
  docker(...words: readonly string[]): Promise<string> {
    return docker(["exec", this.container, "docker", ...words]);
  }

  async stop(): Promise<void> {
    await docker(["rm", "--force", "--volumes", this.container]);
  }
}
