import type { ClientChannel } from "ssh2";
import { deployUser } from "../host/deploy/login";
import { HostError } from "../host/host-error";
import { connect } from "../host/ssh/connect";
import type { Stack } from "./stack";

/** Gets what the server says, line by line or in parts. */
export interface Output {
  write(text: string): unknown;
}

const noLogin = (user: string, tag: string): string =>
  `add the public key of your ssh agent (\`ssh-add -L\`) to host.deployKeys and run \`pulumi up\`; without a deploy key: pulumi up -c imageTag=${tag} (the user is ${user})`;

/** The server's exit code; undefined when the connection broke first. */
function follow(channel: ClientChannel, out: Output, err: Output): Promise<number | undefined> {
  let code: number | undefined;
  channel.setEncoding("utf8").on("data", (text: string) => out.write(text));
  channel.stderr.setEncoding("utf8").on("data", (text: string) => err.write(text));
  channel.on("exit", (status: number | null) => (code = status ?? undefined));
  channel.end();
  return new Promise((resolve) =>
    channel.on("close", () => {
      resolve(code);
    }),
  );
}

/**
 * Asks the server to deploy a tag, with a deploy key of the ssh agent. The server does the work: it continues when this
 * side dies.
 * @returns the exit code of the server's program: 0 deployed, 1 failed, 2 refused.
 * @throws HostError when the server accepts no key, or when the connection breaks before the answer.
 */
export async function deploy({ app, connection }: Stack, tag: string, out: Output, err: Output): Promise<number> {
  const user = deployUser(app.name);
  const client = await connect({ ...connection, user }).catch((error: unknown) => {
    if (!(error instanceof HostError)) throw error;
    const isRefused = error.failure.cause.includes("refused every key");
    throw isRefused ? new HostError({ ...error.failure, hint: noLogin(user, tag) }) : error;
  });
  try {
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      client.exec(`deploy ${tag}`, (error, opened) => {
        if (error) reject(error);
        else resolve(opened);
      });
    });
    const code = await follow(channel, out, err);
    if (code !== undefined) return code;
    const cause = "the connection broke before the answer came; the server continues by itself";
    const hint = `npm run ops -- history shows the result`;
    throw new HostError({ operation: "deploy", target: tag, cause, hint });
  } finally {
    client.end();
  }
}
