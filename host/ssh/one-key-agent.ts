import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { dirname } from "node:path";
import { AgentProtocol, OpenSSHAgent, utils, type IdentityCallback, type KnownPublicKeys, type ParsedKey } from "ssh2";

function blobOf(key: ParsedKey | Buffer | string): string {
  const parsed = utils.parseKey(key);
  return parsed instanceof Error ? "" : parsed.getPublicSSH().toString("base64");
}

/** An ssh agent of which only one key is offered, so that a server with few attempts sees the right one first. */
export class OneKeyAgent extends OpenSSHAgent {
  private readonly blob: string;

  constructor(socket: string, publicKey: string) {
    super(socket);
    this.blob = publicKey.split(" ")[1] ?? "";
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys) => {
      callback(error, keys && this.own(keys));
    });
  }

  private own(keys: KnownPublicKeys<ParsedKey>): ParsedKey[] {
    return keys.flatMap((key) => ("pubKey" in key || !this.has(key) ? [] : [key]));
  }

  /** The key, if the agent has it. */
  list(callback: (keys: readonly ParsedKey[]) => void): void {
    super.getIdentities((_, keys) => {
      callback(keys ? this.own(keys) : []);
    });
  }

  has(key: ParsedKey | Buffer | string): boolean {
    return blobOf(key) === this.blob;
  }
}

/** Answers one client of the agent's protocol. */
function answer(agent: OneKeyAgent, socket: Socket): void {
  const protocol = new AgentProtocol(false);
  protocol.on("identities", (request) => {
    agent.list((keys) => {
      protocol.getIdentitiesReply(request, [...keys]);
    });
  });
  protocol.on("sign", (request, key, data, options) => {
    if (!agent.has(key)) {
      protocol.failureReply(request);
      return;
    }
    agent.sign(key, data, options, (error, signature) => {
      if (error || !signature) protocol.failureReply(request);
      else protocol.signReply(request, signature);
    });
  });
  const end = (): unknown => socket.destroy();
  protocol.on("error", end);
  socket.on("error", end);
  socket.pipe(protocol).pipe(socket);
}

/** Serves the agent on a socket that only this user can open. It does not keep the process alive. */
export function serveAgent(agent: OneKeyAgent, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    answer(agent, socket);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      server.unref();
      resolve();
    });
  });
}
