import { z } from "zod";
import { plainUrl } from "../plain-url";

const hidden = "Store it as a secret.";

const emailSchema = z
  .strictObject({
    server: z
      .string()
      .regex(/^smtps?:\/\/[A-Za-z0-9.-]+(:\d+)?$/, "a mail server, such as smtps://smtp.example.com:465")
      .describe("Mail server: `smtps://<host>:465`, or `smtp://<host>:587` with STARTTLS."),
    from: z.email().describe("Sender."),
    to: z.array(z.email()).min(1).describe("Receivers."),
    user: z.string().min(1).optional().describe("Login at the mail server. A login is sent over TLS only."),
    password: z.string().min(1).optional().describe(`Password of \`user\`. ${hidden}`),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ["password"],
    error: "user and password belong together; set both, or none for a server without a login",
  })
  .describe("E-mail by SMTP.");

/** A preview of a pull request has a dummy below the reserved name `invalid` in the place of each secret. */
const isTopic = (url: string): boolean => /^https?:\/\/[^/]+(\/[^/]+|\.invalid)$/.test(url);

const ntfySchema = z
  .strictObject({
    url: plainUrl
      .refine(isTopic, "the address of a topic, such as https://ntfy.sh/my-topic")
      .describe(`Address of the topic: \`https://ntfy.sh/<topic>\`. ${hidden}`),
    token: z.string().min(1).optional().describe(`Access token of a protected topic. ${hidden}`),
  })
  .describe("ntfy, on a phone.");

/** The keys of the targets. */
const targetKeys = {
  slack: plainUrl.optional().describe(`Incoming webhook of Slack. ${hidden}`),
  discord: plainUrl.optional().describe(`Webhook of Discord. ${hidden}`),
  ntfy: ntfySchema.optional(),
  email: emailSchema.optional(),
  webhook: plainUrl
    .optional()
    .describe(
      `Receives JSON by POST: \`text\`, \`app\`, \`domain\`, \`host\`, \`cause\`, \`state\` (problem, solved, event), \`subject\`, \`at\`. ${hidden}`,
    ),
};

/** The keys that say what is a cause. */
const causeKeys = {
  deployments: z
    .enum(["failed", "all"])
    .default("failed")
    .describe("`failed`: deployments that failed, were reverted or rolled back. `all`: successful ones, too."),
  certificateDays: z
    .number()
    .int()
    .min(1)
    .max(60)
    .default(14)
    .describe(
      "Alert when the served certificate ends in fewer days, or in less than a quarter of its life if that is later.",
    ),
  diskPercent: z
    .number()
    .int()
    .min(50)
    .max(99)
    .default(90)
    .describe("Alert when a file system is this full, in bytes or in files."),
  siteDownMinutes: z
    .number()
    .int()
    .min(1)
    .max(60)
    .default(3)
    .describe("Alert when the site has not answered for so many minutes, asked on the server."),
};

/** The section `alerts` of the configuration. */
export const alertsSchema = z
  .strictObject({ ...targetKeys, ...causeKeys })
  .refine((alerts) => Object.keys(targetKeys).some((key) => key in alerts), {
    error: "has no target; set slack, discord, ntfy, email or webhook, or remove the section",
  })
  .describe(
    "Messages about deployments, site, certificate, disk and backups. The server sends them, each cause once and its end once. Omit the section for none.",
  );

/** A receiver of alerts, as `alert-request.jq` reads it. */
type Target =
  | { readonly kind: "slack" | "discord" | "webhook"; readonly url: string }
  | ({ readonly kind: "ntfy" } & z.output<typeof ntfySchema>)
  | ({ readonly kind: "email" } & z.output<typeof emailSchema>);

const targetsOf = ({ slack, discord, ntfy, email, webhook }: z.output<typeof alertsSchema>): Target[] => [
  ...(slack === undefined ? [] : [{ kind: "slack", url: slack } as const]),
  ...(discord === undefined ? [] : [{ kind: "discord", url: discord } as const]),
  ...(ntfy === undefined ? [] : [{ kind: "ntfy", ...ntfy } as const]),
  ...(email === undefined ? [] : [{ kind: "email", ...email } as const]),
  ...(webhook === undefined ? [] : [{ kind: "webhook", url: webhook } as const]),
];

/** Everything that decides about an app's alerts. */
export interface AlertsOptions {
  readonly app: { readonly name: string; readonly domain: string };
  readonly healthPath: string;
  /** Whether the server makes backups. */
  readonly backups: boolean;
  readonly alerts: z.output<typeof alertsSchema>;
}

/** The settings file of the alerts on the server: `/opt/<app>/config/alerts.json`. It holds secrets. */
export function alertSettings({ app, healthPath, backups, alerts }: AlertsOptions): string {
  const { deployments, certificateDays, diskPercent, siteDownMinutes } = alerts;
  const limits = { deployments, certificateDays, diskPercent, siteDownMinutes };
  const url = `https://${app.domain}${healthPath}`;
  const settings = { app: app.name, domain: app.domain, url, backups, ...limits, targets: targetsOf(alerts) };
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}
