import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { lengthOf, nextId, nowOf, type Account, type FileVersion, type Piece } from "./account";
import type { FaultKind } from "./fault";
import type { Body } from "../http-core/exchange";
import { fileJson } from "./operations";
import { badRequest, notFound } from "./refusal";

const sha1AtEnd = "hex_digits_at_end";
const sha1Digits = 40;

/** Holds back the end of a stream: some clients send the SHA-1 after the content. */
class Trailer extends Transform {
  kept = Buffer.alloc(0);

  constructor(private readonly size: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: string, done: () => void): void {
    const all = Buffer.concat([this.kept, chunk]);
    const cut = Math.max(0, all.length - this.size);
    this.kept = all.subarray(cut);
    done();
    if (cut > 0) this.push(all.subarray(0, cut));
  }
}

const header = (request: IncomingMessage, name: string): string => String(request.headers[name] ?? "");

async function corrupt(file: string): Promise<void> {
  const handle = await open(file, "r+");
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, 0);
  await handle.write(Buffer.from([byte.readUInt8(0) ^ 0xff]), 0, 1, 0);
  await handle.close();
}

/**
 * Stores the body of a request as a file in the folder.
 * @throws Refusal when the content does not match its SHA-1.
 */
async function receive(request: IncomingMessage, folder: string, fault?: FaultKind): Promise<Piece & { sha1: string }> {
  const announced = header(request, "x-bz-content-sha1");
  const trailer = new Trailer(announced === sha1AtEnd ? sha1Digits : 0);
  const hash = createHash("sha1");
  let bytes = 0;
  trailer.on("data", (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  const file = randomUUID();
  await pipeline(request, trailer, createWriteStream(join(folder, file)));
  const sha1 = hash.digest("hex");
  const expected = announced === sha1AtEnd ? trailer.kept.toString() : announced;
  if (expected !== sha1 && !["do_not_verify", ""].includes(expected)) {
    await rm(join(folder, file));
    throw badRequest("Sha1 did not match data received");
  }
  if (fault?.kind === "corrupt") await corrupt(join(folder, file));
  return { file, bytes, sha1 };
}

const infoPrefix = "x-bz-info-";

function fileInfoOf(request: IncomingMessage): Record<string, string> {
  const infos = Object.entries(request.headers).filter(([name]) => name.startsWith(infoPrefix));
  return Object.fromEntries(
    infos.map(([name, value]) => [name.slice(infoPrefix.length), decodeURIComponent(String(value))]),
  );
}

/** `b2_upload_file`. */
export async function uploadFile(
  account: Account,
  folder: string,
  bucketId: string,
  request: IncomingMessage,
  fault?: FaultKind,
): Promise<Body> {
  const { sha1, ...piece } = await receive(request, folder, fault);
  const version: FileVersion = {
    fileId: nextId(account, "f"),
    bucketId,
    fileName: decodeURIComponent(header(request, "x-bz-file-name")),
    action: "upload",
    contentSha1: sha1,
    contentType: header(request, "content-type"),
    fileInfo: fileInfoOf(request),
    uploadTimestamp: nowOf(account),
    pieces: [piece],
  };
  account.versions.push(version);
  return fileJson(version);
}

/** `b2_upload_part`. */
export async function uploadPart(
  account: Account,
  folder: string,
  fileId: string,
  request: IncomingMessage,
  fault?: FaultKind,
): Promise<Body> {
  const started = account.unfinished.find((file) => file.fileId === fileId);
  if (started === undefined) throw badRequest(`No active upload for: ${fileId}`);
  const part = await receive(request, folder, fault);
  const partNumber = Number(header(request, "x-bz-part-number"));
  started.parts[partNumber] = part;
  return { fileId, partNumber, contentLength: part.bytes, contentSha1: part.sha1 };
}

/** The version to download: the newest version of a name, or the version with an id. */
export function downloaded(account: Account, bucketName: string, fileName: string, fileId: string): FileVersion {
  const bucket = account.buckets.find((other) => other.bucketName === bucketName);
  const named = account.versions.filter(
    (version) => version.bucketId === bucket?.bucketId && version.fileName === fileName,
  );
  const found = fileId ? account.versions.find((version) => version.fileId === fileId) : named.at(-1);
  if (found?.action !== "upload") throw notFound(`File with such name does not exist: ${fileName || fileId}`);
  return found;
}

interface Slice {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

function rangeOf(request: IncomingMessage, size: number): Slice | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header(request, "range"));
  if (match === null) return undefined;
  return { start: Number(match[1]), end: match[2] ? Math.min(Number(match[2]), size - 1) : size - 1 };
}

async function* bytesOf(folder: string, pieces: readonly Piece[], { start, end }: Slice): AsyncGenerator<Buffer> {
  let offset = 0;
  for (const { file, bytes } of pieces) {
    const from = Math.max(0, start - offset);
    const to = Math.min(bytes - 1, end - offset);
    if (from <= to) yield* createReadStream(join(folder, file), { start: from, end: to }) as AsyncIterable<Buffer>;
    offset += bytes;
  }
}

function headersOf(version: FileVersion): Record<string, string> {
  const infos = Object.entries(version.fileInfo).map(([name, value]) => [
    `X-Bz-Info-${name}`,
    encodeURIComponent(value),
  ]);
  return {
    "Content-Type": version.contentType,
    "Accept-Ranges": "bytes",
    "X-Bz-File-Id": version.fileId,
    "X-Bz-File-Name": encodeURIComponent(version.fileName),
    "X-Bz-Content-Sha1": version.contentSha1,
    "X-Bz-Upload-Timestamp": String(version.uploadTimestamp),
    ...(Object.fromEntries(infos) as Record<string, string>),
  };
}

async function* faulty(content: AsyncIterable<Buffer>, fault: FaultKind, half: number): AsyncGenerator<Buffer> {
  let sent = 0;
  for await (const chunk of content) {
    if (fault.kind === "cut" && sent + chunk.length >= half) {
      yield chunk.subarray(0, Math.max(1, half - sent));
      throw new Error("cut");
    }
    if (fault.kind === "corrupt" && sent === 0) chunk.writeUInt8(chunk.readUInt8(0) ^ 0xff, 0);
    sent += chunk.length;
    yield chunk;
  }
}

/** Sends a whole file, or the requested range of it. */
export async function download(
  version: FileVersion,
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
  fault?: FaultKind,
): Promise<void> {
  const size = lengthOf(version);
  const range = rangeOf(request, size);
  const slice = range ?? { start: 0, end: size - 1 };
  const length = slice.end - slice.start + 1;
  const partial = range && { "Content-Range": `bytes ${slice.start}-${slice.end}/${size}` };
  response.writeHead(range ? 206 : 200, { ...headersOf(version), ...partial, "Content-Length": length });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const content = bytesOf(folder, version.pieces, slice);
  await pipeline(fault === undefined ? content : faulty(content, fault, length / 2), response).catch(() => {
    response.destroy();
  });
}
