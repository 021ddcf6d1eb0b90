import type { StackValidationArgs } from "@pulumi/policy";
import { filesOf } from "./file-entries";
import * as kinds from "./kinds";
import { isTls, parseNginx, serverNames, serversOf } from "./nginx-text";
import { fact, factsOf, resourceRule, stackRule, type Fact } from "./rule";

const millisecondsPerDay = 86_400_000;

/** The name that a rollout serves, and those of the server blocks that take TLS connections. */
function* servedNames(stack: StackValidationArgs): Generator<Fact<readonly string[]>> {
  for (const { resource, props } of kinds.resourcesOf(stack, kinds.rollout)) {
    yield fact(resource.name, () => [props.domain]);
  }
  for (const { resource, props } of kinds.resourcesOf(stack, kinds.fileSet)) {
    for (const [path, file] of filesOf(props).filter(([path]) => path.startsWith("/etc/nginx/sites-available/"))) {
      yield fact(`${resource.name}: ${path}`, () =>
        serversOf(parseNginx(file.content)).filter(isTls).flatMap(serverNames),
      );
    }
  }
}

export const certificateForName = stackRule({
  name: "certificate-for-name",
  why: "Each served name has exactly one certificate that is for it: none is an outage, two use up the authority's weekly limit",
  source: "data-model.md 6, SSL Validation",
  remedy: "give the name a SiteCertificate, and each name only one",
  *facts(stack) {
    const certificates = kinds.resourcesOf(stack, kinds.certificate);
    for (const { at, value } of servedNames(stack)) {
      yield fact(`${at}: certificates for what it serves`, () =>
        value().map((name) => ({
          name,
          certificates: certificates.filter(({ props }) => props.domains.includes(name)).length,
        })),
      );
    }
  },
  holds: (names) => names.every(({ certificates }) => certificates === 1),
});

export const certificateRemaining = stackRule({
  name: "certificate-remaining",
  why: "A certificate has more than 30 days to run: fewer means that its renewal has been failing",
  source: "data-model.md 6, SSL Validation",
  remedy: "look why on the host: certbot renew --dry-run; then pulumi up --refresh, which renews it",
  // The Certificate itself enforces it at `up`; a preview only tells.
  level: "advisory",
  settings: { minimumDays: 30 },
  *facts(stack) {
    for (const { resource, props } of kinds.resourcesOf(stack, kinds.certificate)) {
      yield fact(`${resource.name}: days to run`, () =>
        props.expiresAt === undefined
          ? undefined
          : Math.floor((Date.parse(props.expiresAt) - Date.now()) / millisecondsPerDay),
      );
    }
  },
  holds: (days, { minimumDays }) => days === undefined || days > minimumDays,
});

export const certificateRenewal = stackRule({
  name: "certificate-renewal",
  why: "Where there is a certificate, certbot's timer runs and starts at boot: else the site ends with the certificate",
  source: "data-model.md 4; design.md 5.3",
  remedy: 'give a FileSet units: { "certbot.timer": { enabled: true, active: true } }',
  *facts(stack) {
    const sets = kinds.resourcesOf(stack, kinds.fileSet);
    for (const { resource } of kinds.resourcesOf(stack, kinds.certificate)) {
      yield fact(`${resource.name}: certbot.timer`, () =>
        sets.map(({ props }) => props.units?.["certbot.timer"]).find((unit) => unit !== undefined),
      );
    }
  },
  holds: (timer) => timer !== undefined && timer.enabled && timer.active,
});

export const certificateStaple = resourceRule({
  name: "certificate-staple",
  why: "No certificate is asked for with must-staple: Let's Encrypt refuses it, for renewals as well",
  source: "letsencrypt.org, 2024/12/05",
  remedy: "take must-staple and staple-ocsp out",
  facts: [
    factsOf(kinds.fileSet, (set) => filesOf(set).map(([path, file]) => fact(path, () => file.content))),
    factsOf(kinds.remoteCommand, ({ create }) => [fact("create", () => create ?? "")]),
  ],
  holds: (text) => !/\b(?:must-staple|staple-ocsp)\b/.test(text),
  show: (text) => /^.*\b(?:must-staple|staple-ocsp)\b.*$/m.exec(text)?.[0] ?? "",
});

export const certificateKey = resourceRule({
  name: "certificate-key",
  why: "A certificate has an ECDSA key: handshakes are several times cheaper than with RSA",
  source: "Mozilla guideline 6.0",
  remedy: 'leave keyType at "ecdsa"',
  level: "advisory",
  facts: [factsOf(kinds.certificate, ({ keyType }) => [fact("keyType", () => keyType)])],
  holds: (keyType) => keyType === undefined || keyType === "ecdsa",
});

export const certificateAuthority = resourceRule({
  name: "certificate-authority",
  why: "The certificate authority is spoken to over https: the account's orders could be changed otherwise",
  source: "RFC 8555, 6.1",
  remedy: "set certificate.server to an https address",
  facts: [factsOf(kinds.certificate, ({ server }) => [fact("server", () => server)])],
  holds: (server) => server === undefined || server.startsWith("https://"),
});
