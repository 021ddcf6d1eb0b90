import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

const manifestType = "application/vnd.docker.distribution.manifest.v2+json";
const configType = "application/vnd.docker.container.image.v1+json";
const layerType = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/** How the registry wants to be asked. */
export type Authentication = "basic" | "token";

/** An image as the registry and Docker name it. */
export interface PushedImage {
  /** Digest of the manifest: what a name can be pinned to. */
  readonly digest: string;
  /** Digest of the configuration: Docker's id of the image. */
  readonly imageId: string;
}

/**
 * Stands in for a container registry (Docker Registry HTTP API V2, reading only, one login: u, p). Checked by a real
 * Docker pulling from it, and by the recorded answers of the real plugin to a real docker-registry.
 */
export class TinyRegistry {
  private readonly content = new Map<string, { type: string; body: Buffer }>();

  private constructor(
    private readonly server: Server,
    private readonly authentication: Authentication,
  ) {}

  /** On 127.0.0.1, without TLS: Docker allows that for loopback addresses. */
  static async start(authentication: Authentication): Promise<TinyRegistry> {
    const server = createServer();
    const registry = new TinyRegistry(server, authentication);
    server.on("request", (request, response) => {
      registry.answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  /** host:port. */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Makes an image of an empty layer and puts it under a tag. Its content depends on the tag alone. */
  push(repository: string, tag: string): PushedImage {
    const layer = Buffer.alloc(1024);
    const compressed = gzipSync(layer);
    const config = Buffer.from(
      JSON.stringify({
        architecture: process.arch === "arm64" ? "arm64" : "amd64",
        os: "linux",
        config: { Cmd: ["node", "/app.js", "3000", tag] },
        rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
      }),
    );
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: manifestType,
        config: { mediaType: configType, size: config.length, digest: digestOf(config) },
        layers: [{ mediaType: layerType, size: compressed.length, digest: digestOf(compressed) }],
      }),
    );
    this.put(`/v2/${repository}/blobs/${digestOf(compressed)}`, layerType, compressed);
    this.put(`/v2/${repository}/blobs/${digestOf(config)}`, configType, config);
    this.put(`/v2/${repository}/manifests/${digestOf(manifest)}`, manifestType, manifest);
    this.put(`/v2/${repository}/manifests/${tag}`, manifestType, manifest);
    return { digest: digestOf(manifest), imageId: digestOf(config) };
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private put(path: string, type: string, body: Buffer): void {
    this.content.set(path, { type, body });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.split("?")[0] ?? "";
    const basic = `Basic ${Buffer.from("u:p").toString("base64")}`;
    const authorization = request.headers.authorization;
    if (path === "/token") {
      response.writeHead(authorization === basic ? 200 : 401).end(JSON.stringify({ token: "granted" }));
    } else if (authorization !== (this.authentication === "basic" ? basic : "Bearer granted")) {
      response.writeHead(401, { "WWW-Authenticate": this.challenge() }).end();
    } else if (path === "/v2/") {
      response.writeHead(200).end("{}");
    } else {
      this.serve(path, request.method === "HEAD", response);
    }
  }

  private challenge(): string {
    if (this.authentication === "basic") return 'Basic realm="test"';
    return `Bearer realm="http://${this.address}/token",service="test"`;
  }

  private serve(path: string, headersOnly: boolean, response: ServerResponse): void {
    const found = this.content.get(path);
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "Content-Type": found.type,
      "Content-Length": found.body.length,
      "Docker-Content-Digest": digestOf(found.body),
    });
    response.end(headersOnly ? undefined : found.body);
  }
}

const digestOf = (content: Buffer): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;
