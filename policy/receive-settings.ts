import { AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import type { AnalyzerStackConfigureRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import { awaitStackSettings, parseSettings, setStackSettings } from "./stack-settings";

function receive(request: AnalyzerStackConfigureRequest): void {
  const values = new Map<string, string>();
  request.getConfigMap().forEach((value, key) => values.set(key, value));
  const sent = { project: request.getProject(), values, secretKeys: request.getConfigSecretKeysList() };
  setStackSettings(parseSettings(sent));
}

/**
 * Passes the stack's configuration to the rules. The engine sends it to each policy pack in the call ConfigureStack, before
 * it asks for the first check. The policy library (1.21) reads only the stack's tags from that call.
 */
export function receiveStackSettings(): void {
  const { configureStack } = AnalyzerService;
  const deserialize = configureStack.requestDeserialize;
  configureStack.requestDeserialize = (bytes) => {
    const request = deserialize(bytes);
    receive(request);
    return request;
  };
  awaitStackSettings();
}
