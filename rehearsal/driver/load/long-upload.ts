import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { releaseOf, requestOptions, type Target } from "./target";

const chunkBytes = 16 * 1024;
const chunksPerSecond = 10;
const answerMs = 30_000;

export interface UploadReport {
  readonly release: string;
  readonly bytes: number;
  /** Whether the app received exactly the sent bytes, by count and SHA-256. */
  readonly isIntact: boolean;
  readonly seconds: number;
}

const uploadAnswer = z.object({ version: z.string(), bytes: z.number(), sha256: z.string() });

async function readText(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  return text;
}

/**
 * Sends one upload to `/api/upload` that takes about `seconds`, 160 KiB each second.
 * @throws Error with the number of sent bytes, when it gets no answer or when the status is not 200.
 */
export async function longUpload(target: Target, seconds: number): Promise<UploadReport> {
  const chunks = Math.ceil(seconds * chunksPerSecond);
  const startedAt = performance.now();
  const sent = request({ ...requestOptions(target), method: "POST", path: "/api/upload", agent: false });
  sent.setHeader("content-length", chunks * chunkBytes);
  const hash = createHash("sha256");
  let bytes = 0;

  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    const deadline = AbortSignal.timeout(seconds * 1000 + answerMs);
    deadline.addEventListener("abort", () => sent.destroy(new Error("no answer in time")));
    sent.on("response", resolve).on("error", (error) => {
      reject(new Error(`upload lost after ${bytes} bytes: ${error.message}`, { cause: error }));
    });
  });
  const send = async (): Promise<void> => {
    for (let index = 0; index < chunks && !sent.destroyed; index++) {
      const chunk = Buffer.alloc(chunkBytes, index);
      sent.write(chunk);
      hash.update(chunk);
      bytes += chunk.length;
      await sleep(1000 / chunksPerSecond);
    }
    sent.end();
  };

  const [response] = await Promise.all([answer, send()]);
  const text = await readText(response);
  if (response.statusCode !== 200) throw new Error(`upload answered ${response.statusCode ?? 0}: ${text}`);
  const received = uploadAnswer.parse(JSON.parse(text));
  return {
    release: releaseOf(response.headers),
    bytes,
    isIntact: received.bytes === bytes && received.sha256 === hash.digest("hex"),
    seconds: (performance.now() - startedAt) / 1000,
  };
}
