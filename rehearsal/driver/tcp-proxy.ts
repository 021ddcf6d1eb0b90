import { once } from "node:events";
import { createServer, Socket, type AddressInfo, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface TcpProxyOptions {
  /** Port on loopback that connections are carried to. */
  readonly port: number;
  /** Added to every round trip, a connection's handshake included. @default 0 */
  readonly roundTripMs?: number;
  /** Where it listens, on loopback. @default 127.0.0.1, and a port that is free */
  readonly listen?: { readonly host: string; readonly port: number };
}

/**
 * A line to a server on loopback that can be long, or go dead without a word. The bytes stay complete and in order;
 * the end of one side reaches the other.
 */
export class TcpProxy {
  /** Connections since it was opened. */
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

  /** The connections of now carry nothing any more, and neither side is told: no FIN, no RST. Later ones are carried. */
  stall(): void {
    for (const line of this.lines) line.stall();
  }

  /** Ends every connection and listens no longer. */
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

  /** The server hears of a connection after half a round trip, the client can speak after a whole one. */
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

  /** Timers of one duration fire in the order they were set, so pieces keep theirs. */
  private later(work: () => void): void {
    setTimeout(() => {
      if (!this.isDead) work();
    }, this.oneWayMs);
  }
}
