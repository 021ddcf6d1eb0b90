import { Server, ServerCredentials, credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Plugin } from "../../../offline/plugins/plugin";
import { providerService } from "../../../offline/plugins/service";
import type { Json } from "./recording";

/** A plugin behind real gRPC, called in the JSON that the engine logs. */
export class PluginClient {
  private constructor(
    private readonly plugin: Plugin,
    private readonly server: Server,
    private readonly client: ResourceProviderClient,
  ) {}

  /** Serves the plugin on a port of its own. */
  static async connect(plugin: Plugin): Promise<PluginClient> {
    const server = new Server();
    server.addService(ResourceProviderService, providerService(plugin));
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    return new PluginClient(
      plugin,
      server,
      new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure()),
    );
  }

  /** The plugin's answer, without what is empty. @throws the plugin's error. */
  call(method: string, request: Json): Promise<Json> {
    const { client } = this;
    switch (method) {
      case "Parameterize":
        return answer((done) => client.parameterize(parameterizeRequest(request), done), parameterizeJson);
      case "CheckConfig":
        return answer((done) => client.checkConfig(checkRequest(request), done), checkJson);
      case "DiffConfig":
        return answer((done) => client.diffConfig(diffRequest(request), done), diffJson);
      case "Configure":
        return answer((done) => client.configure(configureRequest(request), done), configureJson);
      case "Check":
        return answer((done) => client.check(checkRequest(request), done), checkJson);
      case "Diff":
        return answer((done) => client.diff(diffRequest(request), done), diffJson);
      case "Create":
        return answer((done) => client.create(createRequest(request), done), stateJson);
      case "Read":
        return answer((done) => client.read(readRequest(request), done), readJson);
      case "Update":
        return answer((done) => client.update(updateRequest(request), done), updateJson);
      case "Delete":
        return answer(
          (done) => client.delete(deleteRequest(request), done),
          () => ({}),
        );
      case "Invoke":
        return answer((done) => client.invoke(invokeRequest(request), done), invokeJson);
      default:
        throw new Error(`no such method in a recording: ${method}`);
    }
  }

  /** Ends the plugin's connections, as a lost network would; the plugin itself goes on. */
  dropConnection(): void {
    this.plugin.close?.();
  }

  close(): void {
    this.client.close();
    this.server.forceShutdown();
    this.plugin.close?.();
  }
}

const answer = <Response>(
  ask: (done: (error: ServiceError | null, response: Response) => void) => unknown,
  toJson: (response: Response) => Json,
): Promise<Json> =>
  new Promise((resolve, reject) => {
    ask((error, response) => {
      if (error === null) resolve(present(toJson(response)));
      else reject(error);
    });
  });

const present = (json: Json): Json => Object.fromEntries(Object.entries(json).filter(([, value]) => !isEmpty(value)));

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === false || value === "" || (Array.isArray(value) && value.length === 0);

const struct = (value: unknown): Struct | undefined =>
  value === undefined ? undefined : Struct.fromJavaScript(value as Record<string, string>);

interface Named {
  setUrn(urn: string): unknown;
  setName(name: string): unknown;
  setType(type: string): unknown;
}

function named<Request extends Named>(message: Request, json: Json): Request {
  message.setUrn(String(json["urn"]));
  message.setName(String(json["name"]));
  message.setType(String(json["type"]));
  return message;
}

function checkRequest(json: Json): rpc.CheckRequest {
  const request = named(new rpc.CheckRequest(), json);
  request.setOlds(struct(json["olds"]));
  request.setNews(struct(json["news"]));
  return request;
}

function parameterizeRequest(json: Json): rpc.ParameterizeRequest {
  const value = new rpc.ParameterizeRequest.ParametersValue();
  value.setName(String((json["value"] as Json)["name"]));
  return new rpc.ParameterizeRequest().setValue(value);
}

const parameterizeJson = (response: rpc.ParameterizeResponse): Json => ({ name: response.getName() });

function configureRequest(json: Json): rpc.ConfigureRequest {
  const request = new rpc.ConfigureRequest();
  request.setArgs(struct(json["args"]));
  request.setAcceptsecrets(json["acceptSecrets"] === true);
  return request;
}

function diffRequest(json: Json): rpc.DiffRequest {
  const request = named(new rpc.DiffRequest(), json);
  request.setId(String(json["id"]));
  request.setOlds(struct(json["olds"]));
  request.setNews(struct(json["news"]));
  request.setOldInputs(struct(json["oldInputs"]));
  request.setIgnorechangesList((json["ignoreChanges"] as string[] | undefined) ?? []);
  return request;
}

function createRequest(json: Json): rpc.CreateRequest {
  const request = named(new rpc.CreateRequest(), json);
  request.setProperties(struct(json["properties"]));
  request.setPreview(json["preview"] === true);
  return request;
}

function readRequest(json: Json): rpc.ReadRequest {
  const request = named(new rpc.ReadRequest(), json);
  request.setId(String(json["id"]));
  request.setProperties(struct(json["properties"]));
  request.setInputs(struct(json["inputs"]));
  return request;
}

function updateRequest(json: Json): rpc.UpdateRequest {
  const request = named(new rpc.UpdateRequest(), json);
  request.setId(String(json["id"]));
  request.setOlds(struct(json["olds"]));
  request.setNews(struct(json["news"]));
  request.setOldInputs(struct(json["oldInputs"]));
  request.setPreview(json["preview"] === true);
  return request;
}

function deleteRequest(json: Json): rpc.DeleteRequest {
  const request = named(new rpc.DeleteRequest(), json);
  request.setId(String(json["id"]));
  request.setProperties(struct(json["properties"]));
  return request;
}

function invokeRequest(json: Json): rpc.InvokeRequest {
  const request = new rpc.InvokeRequest();
  request.setTok(String(json["tok"]));
  request.setArgs(struct(json["args"]));
  return request;
}

function checkJson(response: rpc.CheckResponse): Json {
  const failures = response.getFailuresList().map((failure) => failure.toObject());
  return { inputs: response.getInputs()?.toJavaScript(), failures };
}

const configureJson = (response: rpc.ConfigureResponse): Json => ({
  acceptSecrets: response.getAcceptsecrets(),
  acceptResources: response.getAcceptresources(),
  acceptOutputs: response.getAcceptoutputs(),
  supportsPreview: response.getSupportspreview(),
  supportsAutonamingConfiguration: response.getSupportsAutonamingConfiguration(),
});

/** The engine's log leaves out a value that is the first of its kind, as JSON of protocol buffers does. */
const firstLeftOut = (names: readonly string[], value: number): string | undefined =>
  value === 0 ? undefined : names[value];

function diffJson(response: rpc.DiffResponse): Json {
  const changes = Object.keys(rpc.DiffResponse.DiffChanges);
  return {
    replaces: response.getReplacesList(),
    stables: response.getStablesList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
    changes: firstLeftOut(changes, response.getChanges()),
    diffs: response.getDiffsList(),
    hasDetailedDiff: response.getHasdetaileddiff(),
    ...(response.getDetaileddiffMap().getLength() === 0 ? {} : { detailedDiff: detailedJson(response) }),
  };
}

function detailedJson(response: rpc.DiffResponse): Json {
  const kinds = Object.keys(rpc.PropertyDiff.Kind);
  const json: Record<string, unknown> = {};
  response.getDetaileddiffMap().forEach((change, path) => {
    json[path] = present({ kind: firstLeftOut(kinds, change.getKind()) });
  });
  return json;
}

const stateJson = (response: rpc.CreateResponse): Json => ({
  id: response.getId(),
  properties: response.getProperties()?.toJavaScript(),
});

const updateJson = (response: rpc.UpdateResponse): Json => ({ properties: response.getProperties()?.toJavaScript() });

const invokeJson = (response: rpc.InvokeResponse): Json => ({ return: response.getReturn()?.toJavaScript() });

const readJson = (response: rpc.ReadResponse): Json => ({
  id: response.getId(),
  properties: response.getProperties()?.toJavaScript(),
  inputs: response.getInputs()?.toJavaScript(),
});
