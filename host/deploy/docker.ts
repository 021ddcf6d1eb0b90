import { request } from "node:http";
import { z } from "zod";
import { HostError } from "../host-error";
import { containerInspectSchema, imageInspectSchema, type ContainerInspect, type ImageInspect } from "./container-copy";
import type { RegistryLogin } from "./settings";

/** The part of Docker's API that a deployment needs. */
export interface Docker {
  /** The digest that the registry has for a tag. @throws HostError with the registry's words. */
  digestOf(repository: string, tag: string): Promise<string>;
  /** @throws HostError with the registry's words. */
  pull(repository: string, digest: string): Promise<void>;
  container(name: string): Promise<ContainerInspect>;
  image(name: string): Promise<ImageInspect>;
  create(name: string, body: object): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

const socketPath = "/run/docker.sock";
const pullSeconds = 600;

const send = (method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const question = request({ socketPath, method, path, headers, timeout: pullSeconds * 1000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.once("end", () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
      response.once("error", reject);
    });
    question.once("timeout", () => question.destroy(new Error(`Docker did not answer within ${pullSeconds} s`)));
    question.once("error", reject);
    question.end(body);
  });

const messageSchema = z.object({ message: z.string() });
const lineSchema = z.object({ error: z.string() });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Docker reports an error of a pull in a line of its progress, after the status 200. */
const errorInProgress = (text: string): string | undefined =>
  text
    .split("\n")
    .map((line) => lineSchema.safeParse(parsed(line)).data?.error)
    .find(Boolean);

function failed(operation: string, target: string, { status, text }: Answer): HostError {
  const cause =
    messageSchema.safeParse(parsed(text)).data?.message ?? `Docker answered ${status}: ${text.slice(0, 300)}`;
  const hint = "check that the image is pushed, and that the server's registry login can read it (`REGISTRY_TOKEN`)";
  return new HostError({ operation, target, cause, hint });
}

const distributionSchema = z.object({ Descriptor: z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }) });

/** Docker's API on this machine, with the server's own login at the registry. */
export function localDocker(login: RegistryLogin | undefined): Docker {
  const registry: Record<string, string> = login
    ? { "X-Registry-Auth": Buffer.from(JSON.stringify(login)).toString("base64url") }
    : {};
  const ask = async (operation: string, target: string, path: string, headers = {}): Promise<unknown> => {
    const answer = await send("GET", path, headers);
    if (answer.status !== 200) throw failed(operation, target, answer);
    return parsed(answer.text);
  };
  return {
    async digestOf(repository, tag) {
      const name = `${repository}:${tag}`;
      const found = await ask("look up image", name, `/distribution/${name}/json`, registry);
      return distributionSchema.parse(found).Descriptor.digest;
    },
    async pull(repository, digest) {
      const path = `/images/create?fromImage=${encodeURIComponent(repository)}&tag=${encodeURIComponent(digest)}`;
      const answer = await send("POST", path, registry);
      const error = errorInProgress(answer.text);
      if (answer.status !== 200 || error !== undefined)
        throw failed(
          "pull image",
          `${repository}@${digest}`,
          error ? { status: 0, text: JSON.stringify({ message: error }) } : answer,
        );
    },
    container: async (name) =>
      containerInspectSchema.parse(await ask("read container", name, `/containers/${name}/json`)),
    image: async (name) => imageInspectSchema.parse(await ask("read image", name, `/images/${name}/json`)),
    async create(name, body) {
      const text = JSON.stringify(body);
      const headers = { "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(text)) };
      const answer = await send("POST", `/containers/create?name=${name}`, headers, text);
      if (answer.status !== 201) throw failed("create container", name, answer);
    },
  };
}
