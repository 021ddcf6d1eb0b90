import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../config";
import { keyProblem, logIn, publicEndpoint, type KeyProblem } from "../host/backup/b2-key";
import { HostError } from "../host/host-error";
import { exportKey } from "../host/refusals";
import { urnsInState, type StackOutputs } from "./stack-outputs";
import { userError } from "./user-error";

const bucketType = /b2:index\/bucket:Bucket::/;

async function problemOf(endpoint: string): Promise<KeyProblem | undefined> {
  const { B2_APPLICATION_KEY_ID: id, B2_APPLICATION_KEY: key } = process.env;
  if (id && key) return keyProblem(await logIn(endpoint, id, key));
  const missing = Object.entries({ B2_APPLICATION_KEY_ID: id, B2_APPLICATION_KEY: key }).flatMap(([name, value]) =>
    value ? [] : [name],
  );
  return { cause: `${missing.join(" and ")} not set in the environment`, hint: `${exportKey}, or remove \`backups\`` };
}

/**
 * Checks the key that makes the bucket, before anything is declared: without it a first update would stop half way. Later
 * updates need no key. A preview only warns, because it makes nothing.
 * @throws pulumi.RunError that names what to export.
 */
export async function checkBackupKey(backups: Config["backups"], { backupsBucket }: StackOutputs): Promise<void> {
  if (backups === undefined || backups.bucket === backupsBucket) return;
  if (backupsBucket === undefined && (await urnsInState()).some((urn) => bucketType.test(urn))) return;
  const problem = await problemOf((backups.endpoint ?? publicEndpoint).replace(/\/$/, ""));
  if (problem === undefined) return;
  const target = backups.bucket;
  const { message } = new HostError({ operation: "make the backups' bucket", target, ...problem });
  if (!pulumi.runtime.isDryRun()) throw userError(`${message}\n  nothing was changed`);
  void pulumi.log.warn(message);
}
