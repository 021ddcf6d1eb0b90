import { HostError } from "../../host/host-error";
import type { ResourceHandler } from "../resource-handler";
import type { Shell } from "../../host/shell";
import { issue, readLineage, schedule } from "../../host/certificate/commands";
import { certificateInputsSchema, type CertificateInputs, type CertificateState } from "../../host/certificate/inputs";
import { parseLineage, parseRemains, type Lineage } from "../../host/certificate/lineage";
import { brokenRules, isDue, planCertificate, remainsProblem, renewBeforeDays } from "../../host/certificate/plan";
import { explainRefusal } from "../../host/certificate/refusal";

const find = async (name: string, host: Shell): Promise<Lineage | undefined> =>
  parseLineage(await host.run(readLineage(name)));

/** As `find`. @throws HostError when only remains are there, with the command that removes them. */
async function findWhole(inputs: CertificateInputs, host: Shell): Promise<Lineage | undefined> {
  const output = await host.run(readLineage(inputs.name));
  const remains = parseRemains(output);
  if (remains.length === 0) return parseLineage(output);
  const { reason, hint } = remainsProblem(inputs.name, remains);
  throw failure(inputs, reason, hint);
}

/** Ensures that the server has a suitable certificate. It sends at most one order to the authority. */
async function ensure(inputs: CertificateInputs, host: Shell): Promise<Lineage> {
  const found = await findWhole(inputs, host);
  const plan = planCertificate(inputs, found, new Date());
  if (plan.kind === "refuse") throw failure(inputs, plan.reason, plan.hint);
  if (plan.kind === "keep" && found) return found;
  await host.run(issue(inputs, plan.kind === "renew")).catch((error: unknown) => {
    throw explainRefusal(error, inputs);
  });
  const issued = await find(inputs.name, host);
  if (!issued)
    throw failure(
      inputs,
      "certbot reported success, but there is no certificate",
      "read the logs in /var/log/letsencrypt",
    );
  return issued;
}

const failure = ({ name }: CertificateInputs, cause: string, hint: string): HostError =>
  new HostError({ operation: "check certificate", target: name, cause, hint });

function refuseBroken(inputs: CertificateInputs, lineage: Lineage): void {
  const problems = brokenRules(inputs, lineage, new Date());
  if (problems.length === 0) return;
  throw failure(
    inputs,
    `the new certificate is not suitable: ${problems.join("; ")}`,
    `configure ${inputs.server} to issue certificates that are valid for more than 30 days`,
  );
}

const stateOf = (inputs: CertificateInputs, lineage: Lineage): CertificateState => ({
  ...inputs,
  expiresAt: lineage.expiresAt,
  notBefore: lineage.notBefore,
  issuer: lineage.issuer,
  fingerprint: lineage.fingerprint,
  ocspResponder: lineage.ocspResponder,
  renewBeforeDays: lineage.renewBeforeDays,
});

async function converge(inputs: CertificateInputs, host: Shell): Promise<CertificateState> {
  const lineage = await ensure(inputs, host);
  refuseBroken(inputs, lineage);
  const days = renewBeforeDays(lineage);
  if (lineage.renewBeforeDays !== days) await host.run(schedule(inputs.name, days));
  return stateOf(inputs, { ...lineage, renewBeforeDays: days });
}

/** Keeps the requested order of the names as long as the names are the same. */
function domainsOf(state: CertificateState, { names }: Lineage): string[] {
  const same = [...state.domains].sort().join(" ") === names.join(" ");
  return same ? state.domains : [...names];
}

/** Empty when the renewals do not go through nginx: then the next update puts that right. */
const webrootOf = ({ webroot }: CertificateState, lineage: Lineage): string =>
  lineage.authenticator === "webroot" ? lineage.webroot || webroot : "";

/** A certificate from certbot that follows docs/data-model.md section 6. `delete` does not change the server. */
export const certificate: ResourceHandler<CertificateInputs, CertificateState> = {
  isDue,
  schema: certificateInputsSchema,
  verdicts: { name: "replace" },

  async create(inputs, host) {
    return { id: inputs.name, state: await converge(inputs, host) };
  },

  async read(state, host) {
    const lineage = await find(state.name, host);
    if (!lineage) return undefined;
    const { server, keyType } = lineage;
    return {
      ...stateOf(state, lineage),
      domains: domainsOf(state, lineage),
      webroot: webrootOf(state, lineage),
      server,
      keyType,
    };
  },

  update: (_state, inputs, host) => converge(inputs, host),

  // The authority limits the number of certificates, so a deleted certificate may not be available again.
  delete: () => Promise.resolve(),
};
