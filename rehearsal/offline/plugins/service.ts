import type { UntypedServiceImplementation, sendUnaryData } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { toServiceError } from "./failure";
import { objectDiff } from "./object-diff";
import type { Checked, Difference, Plugin, Resource, Subject } from "./plugin";
import { plainProperties, type Properties } from "./value";
import { decode, encode } from "./wire";

/** The gRPC methods of a resource provider, over a plugin that knows nothing of gRPC. All other methods are unimplemented. */
export const providerService = (plugin: Plugin): UntypedServiceImplementation => ({
  ...lifecycle(plugin),
  ...configuration(plugin),
  ...resourceCalls(plugin),
});

type Unary<Request, Response> = (call: { request: Request }, callback: sendUnaryData<Response>) => void;

const unary =
  <Request, Response>(answer: (request: Request) => Response | Promise<Response>): Unary<Request, Response> =>
  (call, callback) => {
    Promise.resolve(call.request)
      .then(answer)
      .then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          callback(toServiceError(error));
        },
      );
  };

const lifecycle = (plugin: Plugin): UntypedServiceImplementation => ({
  attach: unary(() => new Empty()),
  cancel: unary(() => {
    plugin.close?.();
    return new Empty();
  }),
  getPluginInfo: unary(() => {
    const info = new PluginInfo();
    info.setVersion(plugin.version);
    return info;
  }),
  getSchema: unary(() => {
    const response = new rpc.GetSchemaResponse();
    response.setSchema("{}");
    return response;
  }),
});

const configuration = (plugin: Plugin): UntypedServiceImplementation => ({
  parameterize: unary((request: rpc.ParameterizeRequest) => {
    const parameter = request.getValue();
    if (parameter?.getName() !== plugin.parameter) throw unsupported("package", parameter?.getName() ?? "by arguments");
    const response = new rpc.ParameterizeResponse();
    response.setName(parameter?.getName() ?? "");
    response.setVersion(parameter?.getVersion() ?? "");
    return response;
  }),
  checkConfig: unary((request: rpc.CheckRequest) => {
    const inputs = decode(request.getNews());
    return checkResponse({ inputs: plugin.checkConfig?.(inputs) ?? inputs });
  }),
  diffConfig: unary((request: rpc.DiffRequest) => {
    const difference = configDifference(decode(request.getOldInputs()), decode(request.getNews()));
    // Like the real plugins: without a change they leave it to the engine to compare.
    return difference.changed ? diffResponse(difference) : new rpc.DiffResponse();
  }),
  configure: unary(async (request: rpc.ConfigureRequest) => {
    await plugin.configure?.(plainProperties(decode(request.getArgs())));
    return configureResponse(plugin);
  }),
  invoke: unary(async (request: rpc.InvokeRequest) => {
    const call = plugin.functions?.[request.getTok()];
    if (call === undefined) throw unsupported("function", request.getTok());
    const response = new rpc.InvokeResponse();
    response.setReturn(encode(await call(plainProperties(decode(request.getArgs())))));
    return response;
  }),
});

/** No replaced plugin has a setting that forces a replacement. All of them accept new settings in place. */
function configDifference(old: Properties, now: Properties): Difference {
  const detailed = objectDiff(old, now);
  return { changed: Object.keys(detailed).length > 0, diffs: Object.keys(detailed), detailed };
}

function configureResponse({ capabilities }: Plugin): rpc.ConfigureResponse {
  const response = new rpc.ConfigureResponse();
  response.setAcceptsecrets(capabilities.acceptSecrets ?? false);
  response.setAcceptresources(capabilities.acceptResources ?? false);
  response.setAcceptoutputs(capabilities.acceptOutputs ?? false);
  response.setSupportspreview(capabilities.supportsPreview ?? false);
  response.setSupportsAutonamingConfiguration(capabilities.supportsAutonamingConfiguration ?? false);
  return response;
}

const resourceCalls = (plugin: Plugin): UntypedServiceImplementation => ({ ...questions(plugin), ...changes(plugin) });

interface Named {
  getUrn(): string;
  getName(): string;
  getType(): string;
}

const subject = (request: Named): Subject => ({ urn: request.getUrn(), name: request.getName() });

function resourceOf(plugin: Plugin, request: Named): Resource {
  const resource = plugin.resources[request.getType()];
  if (resource === undefined) throw unsupported("resource", request.getType());
  return resource;
}

const unsupported = (kind: string, token: string): Error =>
  new Error(`the rehearsal's stand-in plugin has no ${kind} ${token}: add it under rehearsal/offline/plugins`);

/** Opens the wire's values the way the plugin asked for: with secrets marked, or plain. */
const opener = ({ capabilities }: Plugin): ((struct: Struct | undefined) => Properties) =>
  capabilities.acceptSecrets === true ? decode : (struct) => plainProperties(decode(struct));

function questions(plugin: Plugin): UntypedServiceImplementation {
  const open = opener(plugin);
  return {
    check: unary((request: rpc.CheckRequest) =>
      checkResponse(
        resourceOf(plugin, request).check({
          ...subject(request),
          olds: open(request.getOlds()),
          news: open(request.getNews()),
        }),
      ),
    ),
    diff: unary((request: rpc.DiffRequest) =>
      diffResponse(
        resourceOf(plugin, request).diff({
          ...subject(request),
          id: request.getId(),
          state: open(request.getOlds()),
          inputs: open(request.getNews()),
          oldInputs: open(request.getOldInputs()),
          ignored: request.getIgnorechangesList(),
        }),
      ),
    ),
    read: unary(async (request: rpc.ReadRequest) => {
      const found = await resourceOf(plugin, request).read({
        ...subject(request),
        id: request.getId(),
        state: open(request.getProperties()),
        inputs: open(request.getInputs()),
      });
      const response = new rpc.ReadResponse();
      if (found === undefined) return response;
      response.setId(found.id);
      response.setProperties(encode(found.state));
      response.setInputs(encode(found.inputs));
      return response;
    }),
  };
}

function changes(plugin: Plugin): UntypedServiceImplementation {
  const open = opener(plugin);
  return {
    create: unary(async (request: rpc.CreateRequest) => {
      const created = await resourceOf(plugin, request).create({
        ...subject(request),
        inputs: open(request.getProperties()),
        preview: request.getPreview(),
      });
      const response = new rpc.CreateResponse();
      response.setId(created.id);
      response.setProperties(encode(created.state));
      return response;
    }),
    update: unary(async (request: rpc.UpdateRequest) => {
      const state = await resourceOf(plugin, request).update({
        ...subject(request),
        id: request.getId(),
        state: open(request.getOlds()),
        inputs: open(request.getNews()),
        oldInputs: open(request.getOldInputs()),
        preview: request.getPreview(),
      });
      const response = new rpc.UpdateResponse();
      response.setProperties(encode(state));
      return response;
    }),
    delete: unary(async (request: rpc.DeleteRequest) => {
      await resourceOf(plugin, request).delete({
        ...subject(request),
        id: request.getId(),
        state: open(request.getProperties()),
      });
      return new Empty();
    }),
  };
}

function checkResponse({ inputs, failures = [] }: Checked): rpc.CheckResponse {
  const response = new rpc.CheckResponse();
  response.setInputs(encode(inputs));
  for (const { property, reason } of failures) {
    const failure = new rpc.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    response.addFailures(failure);
  }
  return response;
}

const kinds = {
  add: rpc.PropertyDiff.Kind.ADD,
  "add-replace": rpc.PropertyDiff.Kind.ADD_REPLACE,
  delete: rpc.PropertyDiff.Kind.DELETE,
  "delete-replace": rpc.PropertyDiff.Kind.DELETE_REPLACE,
  update: rpc.PropertyDiff.Kind.UPDATE,
  "update-replace": rpc.PropertyDiff.Kind.UPDATE_REPLACE,
} as const;

function diffResponse(difference: Difference): rpc.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = rpc.DiffResponse.DiffChanges;
  const response = new rpc.DiffResponse();
  response.setChanges(difference.changed ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList([...(difference.diffs ?? [])]);
  response.setReplacesList([...(difference.replaces ?? [])]);
  response.setStablesList([...(difference.stables ?? [])]);
  response.setDeletebeforereplace(difference.deleteBeforeReplace ?? false);
  response.setHasdetaileddiff(difference.detailed !== undefined);
  for (const [path, kind] of Object.entries(difference.detailed ?? {})) {
    const change = new rpc.PropertyDiff();
    change.setKind(kinds[kind]);
    response.getDetaileddiffMap().set(path, change);
  }
  return response;
}
