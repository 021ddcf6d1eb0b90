import { z } from "zod";

const resourceSchema = z.looseObject({
  urn: z.string(),
  type: z.string(),
  dependencies: z.array(z.string()).optional(),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).optional(),
  deletedWith: z.string().optional(),
});

const stateSchema = z.looseObject({
  deployment: z.looseObject({ resources: z.array(resourceSchema).default([]) }),
});

/** Kinds of resources that live on the VPS and are gone with it, and their providers, which know its key. Components stay. */
const onHost = /^(docker|command|vps):(?!components:)|^pulumi:providers:(docker|command|vps)$/;

/**
 * A stack's state (`pulumi stack export`) without what was on its VPS, after that was lost: the next `up` makes all of
 * it anew, on a host with another key. What lives elsewhere stays, such as the bucket and secrets.
 * @throws Error where the text is no state.
 */
export function withoutHost(exported: string): string {
  const state = stateSchema.parse(JSON.parse(exported));
  const gone = new Set(state.deployment.resources.filter(({ type }) => onHost.test(type)).map(({ urn }) => urn));
  const kept = (urns: readonly string[]): string[] => urns.filter((urn) => !gone.has(urn));
  const resources = state.deployment.resources
    .filter(({ urn }) => !gone.has(urn))
    .map(({ dependencies, propertyDependencies, ...resource }) => ({
      ...resource,
      ...(dependencies && { dependencies: kept(dependencies) }),
      ...(propertyDependencies && {
        propertyDependencies: Object.fromEntries(
          Object.entries(propertyDependencies).map(([name, urns]) => [name, urns && kept(urns)]),
        ),
      }),
    }));
  return JSON.stringify({ ...state, deployment: { ...state.deployment, resources } });
}
