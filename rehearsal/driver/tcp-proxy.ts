import { once } from "node:events";
import { createServer, Socket, type AddressInfo, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface TcpProxyOptions {
  /** Port on loopback that the proxy forwards to. */
  readonly port: number;
  /** Delay of every round trip, including the handshake of a connection. @default 0 */
  readonly roundTripMs?: number;
  /** Address on loopback where it listens. @default 127.0.0.1 and a free port */
  readonly listen?: { readonly host: string; readonly port: number };
}

/**
 * A connection to a server on loopback that can be slow or can stall without a message. The bytes stay complete and in
 * order. When one side ends, the other side ends too.
 */
export class TcpProxy {
  /** Number of connections since the proxy was opened. */
  connections = 0;
  private readonly lines = new Set<Line>();
  private readonly server: Server;

  private constructor({ port, roundTripMs = 0 }: TcpProxyOptions) {
    this.server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
      this.connections += 1;
      const line = new Line(client, port, roundTripMs / 2);
      this.lines.add(line);
      client.once("close", () => this.lines.delete(line));
    });
  }

  static async open(options: TcpProxyOptions): Promise<TcpProxy> {
    const proxy = new TcpProxy(options);
    const { host, port } = options.listen ?? { host: "127.0.0.1", port: 0 };
    await once(proxy.server.listen(port, host), "listening");
    return proxy;
  }

  /** Port on loopback where it listens. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Stalls all present connections without FIN or RST: no byte passes. Later connections work. */
  stall(): void {
    for (const line of this.lines) line.stall();
  }

  /** Ends every connection and stops listening. */
  close(): void {
    for (const line of this.lines) line.close();
    this.server.close();
  }
}

/** One connection: from a client to the server. */
class Line {
  private readonly server = new Socket({ allowHalfOpen: true }).setNoDelay();
  private isDead = false;

  constructor(
    private readonly client: Socket,
    port: number,
    private readonly oneWayMs: number,
  ) {
    this.forward(client, this.server);
    this.forward(this.server, client);
    void this.shakeHands(port);
  }

  stall(): void {
    this.isDead = true;
    this.client.pause();
    this.server.pause();
  }

  close(): void {
    this.isDead = true;
    this.client.destroy();
    this.server.destroy();
  }

  /** The server gets a connection after half a round trip; the client can send after a whole one. */
  private async shakeHands(port: number): Promise<void> {
    await sleep(this.oneWayMs);
    if (!this.isDead) this.server.connect(port, "127.0.0.1");
    await sleep(this.oneWayMs);
    if (!this.isDead) this.client.resume();
  }

  private forward(from: Socket, to: Socket): void {
    from.on("data", (piece) => {
      this.later(() => to.write(piece));
    });
    from.on("end", () => {
      this.later(() => to.end());
    });
    from.on("error", () => {
      this.later(() => to.destroy());
    });
  }

  /** Timers of one duration fire in the order of their creation, so the bytes keep their order. */
  private later(work: () => void): void {
    setTimeout(() => {
      if (!this.isDead) work();
    }, this.oneWayMs);
  }
}
