import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TcpProxy } from "../../driver/tcp-proxy";

const echo = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => undefined).pipe(socket);
});
let port: number;
let proxy: TcpProxy;
const clients: Socket[] = [];

beforeAll(async () => {
  await once(echo.listen(0, "127.0.0.1"), "listening");
  port = (echo.address() as AddressInfo).port;
});
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  proxy.close();
});
afterAll(() => {
  echo.close();
});

function dial(): Socket {
  const client = connect(proxy.port, "127.0.0.1").setEncoding("utf8");
  clients.push(client);
  return client;
}

async function answer(client: Socket, words: string): Promise<string> {
  client.write(words);
  let text = "";
  while (text.length < words.length) text += String((await once(client, "data"))[0]);
  return text;
}

describe("TcpProxy", () => {
  test("forwards all bytes in order, and the end of the stream", async () => {
    proxy = await TcpProxy.open({ port, roundTripMs: 4 });
    const client = dial();
    const words = Array.from({ length: 200_000 }, (_, index) => `${index}\n`).join("");
    expect(await answer(client, words)).toBe(words);
    client.end();
    await once(client, "end");
    expect(proxy.connections).toBe(1);
  });

  test("a round trip takes the configured time, and the handshake one more round trip", async () => {
    proxy = await TcpProxy.open({ port, roundTripMs: 60 });
    const client = dial();
    const from = performance.now();
    await answer(client, "first");
    const first = performance.now();
    await answer(client, "second");
    expect(first - from).toBeGreaterThan(115);
    expect(performance.now() - first).toBeGreaterThan(55);
  });

  test("a stalled connection sends nothing and stays open; the next connection works", async () => {
    proxy = await TcpProxy.open({ port });
    const stalled = dial();
    await answer(stalled, "before");
    proxy.stall();
    const heard: string[] = [];
    for (const event of ["data", "end", "close", "error"]) stalled.on(event, () => heard.push(event));
    stalled.write("into the void");
    expect(await answer(dial(), "after")).toBe("after");
    expect(heard).toEqual([]);
    expect(stalled.destroyed).toBe(false);
  });

  test("the connection ends if no server listens", async () => {
    proxy = await TcpProxy.open({ port: 1 });
    const client = dial();
    await once(client, "close");
    expect(client.destroyed).toBe(true);
  });
});
