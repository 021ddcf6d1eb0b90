import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { endWithEngine } from "../../../provider/end-with-engine";
import type { Plugin } from "./plugin";
import { providerService } from "./service";

/**
 * Serves a plugin to the engine until the engine ends it. The port is the first line on standard output, which is how the
 * engine finds the server; everything else the plugin has to say goes through gRPC.
 */
export function serve(plugin: Plugin): void {
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, providerService(plugin));
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    process.stdout.write(`${port}\n`);
  });
  endWithTheEngine(plugin);
}

/** The engine ends plugins with a signal. A killed engine cannot, so the plugin must end by itself. */
function endWithTheEngine(plugin: Plugin): void {
  const end = (): void => {
    plugin.close?.();
    process.exit(0);
  };
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  endWithEngine(end);
}
