import { z } from "zod";
import { connectionSchema } from "../connection";
import type { Shell } from "../shell";
import { Unreachable } from "../ssh/connect";

export const reachSchema = z.object({ connection: connectionSchema });

/**
 * Why a server does not answer; empty for one that does. A server that refuses the login or has another host key does answer:
 * what uses it next says what is wrong.
 */
export async function reach(shell: Shell): Promise<string> {
  try {
    await shell.run({
      operation: "reach",
      target: "the server",
      script: "swarm/reach.sh",
      args: [],
      timeoutSeconds: 20,
    });
    return "";
  } catch (error) {
    return error instanceof Unreachable ? error.failure.cause : "";
  }
}
