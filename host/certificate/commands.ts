import type { Command } from "../shell";
import type { CertificateInputs } from "./inputs";

const command = (operation: string, target: string, script: Command["script"], timeoutSeconds = 30) => ({
  operation,
  target,
  script,
  timeoutSeconds,
});

/** Tells about the lineage; see `parseLineage`. */
export const readLineage = (name: string): Command => ({
  ...command("read certificate", name, "certificate/read.sh"),
  args: [name],
});

/** Asks the authority once. An authority may take a minute and a half to look at the challenge. */
export const issue = (inputs: CertificateInputs, force: boolean): Command => ({
  ...command("issue certificate", inputs.name, "certificate/issue.sh", 240),
  args: [
    inputs.name,
    "certonly",
    "--non-interactive",
    "--agree-tos",
    "--webroot",
    `--webroot-path=${inputs.webroot}`,
    `--cert-name=${inputs.name}`,
    `--server=${inputs.server}`,
    `--key-type=${inputs.keyType}`,
    ...(inputs.email === undefined ? ["--register-unsafely-without-email"] : [`--email=${inputs.email}`]),
    "--renew-with-new-domains",
    force ? "--force-renewal" : "--keep-until-expiring",
    ...inputs.domains.map((domain) => `--domain=${domain}`),
  ],
});

/** Tells certbot's timer when to renew. */
export const schedule = (name: string, days: number): Command => ({
  ...command("schedule the renewal of certificate", name, "certificate/schedule.sh"),
  args: [name, String(days)],
});
