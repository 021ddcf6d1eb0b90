import type { StackValidationArgs } from "@pulumi/policy";
import { filesOfFormat } from "./file-entries";
import * as kinds from "./kinds";
import { isTls, parseNginx, serverNames, serversOf } from "./nginx-text";
import { fact, factsOf, resourceRule, stackRule, type Fact } from "./rule";
import type { StackSettings } from "./stack-settings";

const millisecondsPerDay = 86_400_000;

/** The names of the Rollouts, and of the server blocks that accept TLS connections. */
function* servedNames(
  stack: StackValidationArgs,
  settings: StackSettings | undefined,
): Generator<Fact<readonly string[]>> {
  for (const { resource, props } of kinds.resourcesOf(stack, kinds.rollout)) {
    yield fact(resource.name, () => [props.domain]);
  }
  for (const { resource, props } of kinds.resourcesOf(stack, kinds.fileSet)) {
    const sites = filesOfFormat(props, "nginx", settings).filter(([path]) => path.includes("/sites-available/"));
    for (const [path, file] of sites) {
      yield fact(`${resource.name}: ${path}`, () =>
        serversOf(parseNginx(file.content)).filter(isTls).flatMap(serverNames),
      );
    }
  }
}

export const certificateForName = stackRule({
  name: "certificate-for-name",
  why: "Each name of the site has exactly one certificate. Without one the site cannot be reached; two use up the weekly limit of the authority",
  source: "docs/data-model.md section 6",
  fix: "give the name one SiteCertificate, with all names of the stack's configuration (app.domains)",
  *facts(stack, settings) {
    const certificates = kinds.resourcesOf(stack, kinds.certificate);
    for (const { at, value } of servedNames(stack, settings)) {
      yield fact(`number of certificates of ${at}`, () =>
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
  why: "A certificate is valid for more than 30 days. Fewer days show that its renewal fails",
  source: "docs/data-model.md section 6",
  fix: "run `certbot renew --dry-run` on the server to see the reason, then `pulumi up --refresh`, which renews the certificate",
  // The Certificate itself renews it at `up`. A preview only warns.
  level: "advisory",
  limits: { minimumDays: 30 },
  *facts(stack) {
    for (const { resource, props } of kinds.resourcesOf(stack, kinds.certificate)) {
      yield fact(`${resource.name}: days until it expires`, () =>
        props.expiresAt === undefined
          ? undefined
          : Math.floor((Date.parse(props.expiresAt) - Date.now()) / millisecondsPerDay),
      );
    }
  },
  holds: (days, { limits }) => days === undefined || days > limits.minimumDays,
});

export const certificateAuthority = resourceRule({
  name: "certificate-authority",
  why: "certbot uses the certificate authority over https. Over http, others could read and change the account's orders",
  source: "RFC 8555 section 6.1",
  fix: "set certificate.server to an https address",
  facts: [factsOf(kinds.certificate, ({ server }) => [fact("server", () => server)])],
  holds: (server) => server === undefined || server.startsWith("https://"),
});
