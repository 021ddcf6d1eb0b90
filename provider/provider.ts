import { isDeepStrictEqual } from "node:util";
import type { CheckFailure, CheckResult, DiffResult, Provider } from "@pulumi/pulumi/provider";
import { assertBuildIsCurrent } from "../repository";
import type { StatusOf } from "./engine-status";
import type { HostInputs, ResourceHandler } from "./resource-handler";
import type { Connection } from "../host/connection";
import type { LockingShell } from "../host/session";
import { parseProperties, renderProperties, type Properties } from "./wire";

/** A handler with hidden types. Its schema parses the values before the handler gets them. */
export type AnyHandler = ResourceHandler<HostInputs, HostInputs>;

/** Opens the shell of a server, or returns the open shell. */
export type OpenShell = (connection: Connection) => LockingShell;

/** Runs a function of the plugin: `invoke` of the token. */
export type Invocation = (args: Readonly<Record<string, unknown>>, open: OpenShell) => Promise<Record<string, unknown>>;

const typeOf = (urn: string): string => (urn.split("::")[2] ?? "").split("$").pop() ?? "";

function issues(handler: AnyHandler, { values, unknownKeys }: Properties): CheckFailure[] {
  const known = handler.schema.safeParse(values);
  if (known.success) return [];
  return known.error.issues
    .filter((issue) => !unknownKeys.has(String(issue.path[0])))
    .map((issue) => ({ property: issue.path.map(String).join("."), reason: issue.message }));
}

const changedKeys = (handler: AnyHandler, state: Properties, inputs: Properties): string[] =>
  Object.keys(handler.schema.shape).filter(
    (key) => inputs.unknownKeys.has(key) || !isDeepStrictEqual(state.values[key], inputs.values[key]),
  );

/** The plugin `vps`: finds the handler of a resource's type, and translates between the handler and the engine. */
export class VpsProvider implements Provider {
  constructor(
    readonly version: string,
    private readonly handlers: Readonly<Record<string, AnyHandler>>,
    private readonly invocations: Readonly<Record<string, Invocation>>,
    private readonly open: OpenShell,
    private readonly statusOf: StatusOf,
  ) {}

  private handlerOf(urn: string): AnyHandler {
    assertBuildIsCurrent((message) => new Error(message));
    const handler = this.handlers[typeOf(urn)];
    if (!handler) throw new Error(`unknown resource type ${typeOf(urn)}: the plugin vps has no such resource`);
    return handler;
  }

  check(urn: string, _olds: unknown, news: unknown): Promise<CheckResult> {
    const handler = this.handlerOf(urn);
    const inputs = parseProperties(news);
    const failures = issues(handler, inputs);
    if (failures.length > 0 || inputs.unknownKeys.size > 0) return Promise.resolve({ inputs: news, failures });
    const parsed = handler.schema.parse(inputs.values) as unknown as HostInputs;
    return Promise.resolve({ inputs: renderProperties(parsed, inputs.secretKeys), failures: [] });
  }

  diff(_id: string, urn: string, olds: unknown, news: unknown): Promise<DiffResult> {
    const handler = this.handlerOf(urn);
    const state = parseProperties(olds);
    const changed = changedKeys(handler, state, parseProperties(news));
    const isDue = handler.isDue?.(state.values as unknown as HostInputs, new Date()) ?? false;
    const verdicts: Partial<Record<string, string>> = handler.verdicts ?? {};
    return Promise.resolve({
      changes: changed.length > 0 || isDue,
      // A state of an earlier version can lack a key. The update adds it.
      replaces: changed.filter((key) => verdicts[key] === "replace" && state.values[key] !== undefined),
    });
  }

  async create(urn: string, news: unknown): Promise<{ id: string; outs: Record<string, unknown> }> {
    const handler = this.handlerOf(urn);
    const { inputs, secretKeys } = this.parse(handler, news);
    const { id, state } = await handler.create(inputs, this.open(inputs.connection), this.statusOf(urn));
    return { id, outs: renderProperties(state, secretKeys) };
  }

  async read(id: string, urn: string, props: unknown): Promise<{ id: string; props: object; inputs?: object }> {
    const handler = this.handlerOf(urn);
    const { values, secretKeys } = parseProperties(props);
    const state = values as unknown as HostInputs;
    if (!("connection" in values))
      throw new Error(`${typeOf(urn)} cannot be imported: declare it and run \`pulumi up\``);
    const actual = await handler.read(state, this.open(state.connection));
    if (!actual) return { id: "", props: {} };
    const inputKeys = Object.keys(handler.schema.shape);
    const inputs = Object.fromEntries(Object.entries(actual).filter(([key]) => inputKeys.includes(key)));
    return {
      id,
      props: renderProperties(actual, secretKeys),
      inputs: renderProperties(inputs, secretKeys),
    };
  }

  async update(_id: string, urn: string, olds: unknown, news: unknown): Promise<{ outs: Record<string, unknown> }> {
    const handler = this.handlerOf(urn);
    const state = parseProperties(olds);
    const { inputs, secretKeys } = this.parse(handler, news);
    const shell = this.open(inputs.connection);
    const updated = await handler.update(state.values as unknown as HostInputs, inputs, shell, this.statusOf(urn));
    return { outs: renderProperties(updated, secretKeys) };
  }

  async delete(_id: string, urn: string, props: unknown): Promise<void> {
    const handler = this.handlerOf(urn);
    const state = parseProperties(props).values as unknown as HostInputs;
    await handler.delete(state, this.open(state.connection));
  }

  async invoke(token: string, args: unknown): Promise<{ outputs: Record<string, unknown> }> {
    assertBuildIsCurrent((message) => new Error(message));
    const invocation = this.invocations[token];
    if (!invocation) throw new Error(`unknown function ${token}: the plugin vps has no such function`);
    const { values } = parseProperties(args);
    return { outputs: renderProperties(await invocation(values, this.open), new Set()) };
  }

  private parse(handler: AnyHandler, news: unknown): { inputs: HostInputs; secretKeys: ReadonlySet<string> } {
    const { values, secretKeys } = parseProperties(news);
    return { inputs: handler.schema.parse(values) as unknown as HostInputs, secretKeys };
  }
}
