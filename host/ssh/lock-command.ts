import { HostError } from "../host-error";
import { operator } from "../operator";
import { LockHeld, type Lock } from "../session";
import type { Command } from "../shell";
import { silenceSeconds } from "./ssh-session";

/** The script that holds a lock and runs the steps of a session. */
export function lockCommand({ path, formerPath = "", purpose }: Lock): Command {
  const holder = `${operator()} since ${new Date().toISOString()} (${purpose})`;
  return {
    operation: "take the lock",
    target: path,
    script: "ssh/session.sh",
    args: [path, String(silenceSeconds), holder, formerPath],
    // A session lives as long as its work; each step of it is bounded on its own.
    timeoutSeconds: 24 * 60 * 60,
  };
}

/** Why the lock was refused, from the first line of `ssh/session.sh`: another run holds it, or nothing answered. */
export function lockRefusal({ operation, target }: Command, answer: string, hint: string): HostError {
  const [word, ...holder] = answer.split(" ");
  if (word !== "held") return new HostError({ operation, target, cause: "the server did not answer", hint });
  const wait =
    "wait until that run has ended, then run `pulumi up` again. The lock of a killed run is released within 15 s";
  return new LockHeld({ operation, target, cause: `held by ${holder.join(" ")}`, hint: wait });
}
