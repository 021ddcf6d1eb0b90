import { z } from "zod";
import { operatorConfigSchema } from "../../config";
import { isObject } from "../../config/is-object";
import { dataText, healthText, variablesText, type Declared } from "./checks/app";
import { loginText } from "./checks/server";

type Sections = Readonly<Record<string, unknown>>;

/** Answers by the keys of their questions. */
export type Answers = Readonly<Record<string, string>>;

const text = z.string().optional().catch(undefined);
const port = z.number().optional().catch(undefined);

/** The keys that the questions are about. A key that is malformed is asked as if it was missing. */
const knownSchema = z.object({
  app: z.object({ name: text, domain: text, domains: z.array(z.string()).optional() }).catch({}),
  host: z.object({ host: text, port, user: text, hostKey: text }).catch({}),
  image: z.object({ repository: text, registry: text, username: text }).catch({}),
  certificate: z.object({ email: text }).catch({}),
  backups: z
    .object({ bucket: text, endpoint: text, alert: z.object({ deadManUrl: text }).catch({}) })
    .optional()
    .catch(undefined),
  pipeline: z
    .object({
      owner: text,
      repository: text,
      baseUrl: text,
      infra: z.object({ repository: text }).catch({}),
    })
    .optional()
    .catch(undefined),
});

export type Known = z.output<typeof knownSchema>;

export const knownOf = (sections: Sections): Known => knownSchema.parse(sections);

/** Secrets that the stack file has already, encrypted. */
export const storedSecrets = (sections: Sections): readonly string[] =>
  Object.entries(sections).flatMap(([name, value]) => (isObject(value) && "secure" in value ? [name] : []));

const { health, variables } = operatorConfigSchema.shape;

function declaredOf({ secret, generate, default: value }: z.output<typeof variables>[string]): Declared {
  if (secret && generate) return { secret, generate };
  return secret || value === undefined ? { secret: true } : value;
}

const serverAnswer = ({ host, port: sshPort = 22, user = "root" }: Known["host"]): Answers =>
  host === undefined ? {} : { server: loginText({ host, port: sshPort, user }) };

function appAnswers({ app, image, certificate }: Known): Answers {
  const answers = {
    name: app.name,
    domain: app.domains?.[0] ?? app.domain,
    image: image.repository,
    "registry-user": image.username,
    email: certificate.email,
  };
  return Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== undefined)) as Answers;
}

function accountAnswers({ backups, pipeline }: Known): Answers {
  const { deadManUrl = "" } = backups?.alert ?? {};
  return {
    ...(backups?.bucket !== undefined && { bucket: backups.bucket }),
    ...(deadManUrl && { alerts: deadManUrl }),
    ...(pipeline?.owner && pipeline.repository && { github: `${pipeline.owner}/${pipeline.repository}` }),
    ...(pipeline?.infra.repository && { infra: pipeline.infra.repository }),
  };
}

const dataListSchema = z.array(
  z
    .object({ path: z.string(), kind: z.string(), subdirectory: z.string().optional() })
    .transform(({ path, kind, subdirectory }) => ({ path, kind, ...(subdirectory !== undefined && { subdirectory }) })),
);

function sectionAnswers(sections: Sections): Answers {
  const [healthy, declared] = [health.safeParse(sections["health"]), variables.safeParse(sections["variables"])];
  const data = dataListSchema.safeParse(sections["data"]);
  return {
    ...(sections["health"] !== undefined && healthy.success && { health: healthText(healthy.data) }),
    ...(sections["data"] !== undefined && data.success && { data: dataText(data.data) }),
    ...(sections["variables"] !== undefined &&
      declared.success && {
        variables: variablesText(
          Object.fromEntries(Object.entries(declared.data).map(([name, variable]) => [name, declaredOf(variable)])),
        ),
      }),
  };
}

/** The answers that a stack file has already; they are the defaults of the questions. */
export function answersIn(sections: Sections): Answers {
  const known = knownOf(sections);
  return { ...serverAnswer(known.host), ...appAnswers(known), ...sectionAnswers(sections), ...accountAnswers(known) };
}
