import type { z } from "zod";
import type { HostInputs } from "./resource-handler";
import type { Invocation } from "./provider";
import { preflight, preflightSchema } from "../host/preflight/preflight";
import { imageReferenceSchema, readImage } from "../host/image/registry";
import type { LockingShell } from "../host/session";
import { reach, reachSchema } from "../host/swarm/reach";
import { clearService, clearServiceSchema, clearStray, clearStraySchema } from "../host/stray/clear-stray";

/** A function of a server as a function of the plugin: its arguments are parsed, its shell is opened. */
const invocation =
  <Args extends HostInputs>(
    schema: z.ZodType<Args>,
    work: (args: Args, shell: LockingShell) => Promise<Record<string, unknown>>,
  ): Invocation =>
  (raw, open) => {
    const args = schema.parse(raw);
    return work(args, open(args.connection));
  };

/** The functions of the plugin by token. They read or change a server without a resource. */
export const functions: Readonly<Record<string, Invocation>> = {
  "vps:index:preflight": invocation(preflightSchema, async (args, shell) => ({ ...(await preflight(args, shell)) })),
  "vps:index:readImage": invocation(imageReferenceSchema, async (args) => ({ images: await readImage(args) })),
  "vps:index:clearStray": invocation(clearStraySchema, async (args, shell) => {
    await clearStray(args, shell);
    return {};
  }),
  "vps:index:reach": invocation(reachSchema, async (_, shell) => ({ cause: await reach(shell) })),
  "vps:index:clearService": invocation(clearServiceSchema, async (args, shell) => {
    await clearService(args, shell);
    return {};
  }),
};
