import type { EngineEvent } from "@pulumi/pulumi/automation";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { moveSentence, withoutReload } from "../host/rollout/move-sentence";

/** A step of the engine on one resource, as its events describe it. */
export interface Change {
  readonly op: string;
  readonly urn: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The step that an event announces; undefined for any other event. */
export function changeOf({ resourcePreEvent }: EngineEvent): Change | undefined {
  if (resourcePreEvent === undefined) return undefined;
  const { op, urn, old: before, new: after } = resourcePreEvent.metadata;
  return { op, urn, before: before?.inputs, after: after?.inputs };
}

const quietOps: ReadonlySet<string> = new Set(["same", "read", "refresh"]);
/** Parts of a release: they change with its tag. */
const ofRelease = /vps:components:(?:AppImage|AppContainer|AppRollout)\$/;
/** A new container is a new release. */
const ofContainer = /vps:components:AppContainer\$/;

const rolloutSchema = z.object({ app: z.string().default("the app"), image: z.object({ tag: z.string() }) });
const keepersSchema = z.object({ keepers: z.looseObject({ environment: z.unknown(), settings: z.string() }) });

const rolloutIn = (inputs: unknown) => rolloutSchema.safeParse(inputs).data;
const keepersIn = (inputs: unknown) => keepersSchema.safeParse(inputs).data?.keepers;
const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;

type Keepers = z.output<typeof keepersSchema>["keepers"];

/** A hash is a text. The engine hides one that is secret behind an object or a word of its own. */
const isHash = (value: unknown): boolean => typeof value === "string" && value !== "[secret]";

/** Whether the variables differ. Where the engine hides their keeper, they do if no other keeper of a new release differs. */
function variablesDiffer(before: Keepers, after: Keepers): boolean {
  if (isHash(before.environment) && isHash(after.environment)) return before.environment !== after.environment;
  return isDeepStrictEqual({ ...before, environment: "" }, { ...after, environment: "" });
}

/** The changes of a release beside its tag: its variables, or the settings of its container. */
function changedParts(changes: readonly Change[]): string[] {
  const release = changes.find(({ urn }) => urn.includes("random:index/randomId:RandomId::app-release"));
  const [before, after] = [keepersIn(release?.before), keepersIn(release?.after)];
  if (before === undefined || after === undefined) return [];
  return [
    ...(variablesDiffer(before, after) ? ["the variables of the app"] : []),
    ...(before.settings === after.settings ? [] : ["the settings of the container"]),
  ];
}

/** One plain sentence about an update: which tag follows which, and whether anything else changes. */
export function changeSentence(steps: readonly Change[]): string {
  const rollout = steps.find(({ urn }) => urn.includes("$vps:index:Rollout::"));
  const [before, after] = [rolloutIn(rollout?.before), rolloutIn(rollout?.after)];
  const [from, to, app] = [before?.image.tag, after?.image.tag, (after ?? before)?.app ?? "the app"];
  const changes = steps.filter(({ op }) => !quietOps.has(op));
  const others = changes.filter(({ urn }) => !ofRelease.test(urn) && !urn.includes("pulumi:pulumi:Stack::"));
  const also = [...new Set([...changedParts(changes), ...others.map(({ urn }) => nameOf(urn))])];
  if (from === undefined) return to === undefined ? `${app}: nothing is deployed` : `${app}: first deployment of ${to}`;
  if (changes.length === 0) return `${app}: nothing changes`;
  const list = `, and these change: ${also.join(", ")}`;
  if (from !== to) return moveSentence(app, from, to ?? "none", also.length === 0 ? ", nothing else changes" : list);
  const isNewRelease = changes.some(({ urn }) => ofContainer.test(urn));
  const only = `, and these change: the ${isNewRelease ? "release" : "settings of the rollout"}`;
  return `${app}: ${from} stays${also.length === 0 ? only : list}${isNewRelease ? withoutReload : ""}`;
}

/** The lines of the engine's output that say why it failed: its first error, up to the next step. Empty without an error. */
export function failureLead(output: string): string {
  const lines = output.split("\n").map((line) => line.trimEnd());
  const first = lines.findIndex((line) => /^\s*error: (?!update failed|preview failed)/.test(line));
  if (first < 0) return "";
  const rest = lines.slice(first);
  const end = rest.findIndex((line) => line.trim() === "");
  const block = end < 0 ? rest : rest.slice(0, end);
  const next = block.findIndex((line) => line.trimStart().startsWith("next: "));
  return block
    .slice(0, next < 0 ? 3 : next + 1)
    .map((line) => line.trim())
    .join("\n")
    .replace(/^error: /, "");
}
