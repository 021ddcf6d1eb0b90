/**
 * The Node.js language host for an engine that came without one: it starts programs, source plugins and policy packs
 * as Pulumi's own `pulumi-language-nodejs` does, whose protocol (`pulumirpc.LanguageRuntime`) it speaks.
 * Started by the engine: its last argument is the engine's address, its first output line the port it listens on.
 */
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { languageRuntime } from "./service";

const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
const implementation: unknown = languageRuntime(process.argv.at(-1) ?? "");
server.addService(LanguageRuntimeService, implementation as UntypedServiceImplementation);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});

// The engine keeps this process's stdin open until it ends, even when it is killed.
process.stdin.on("end", () => process.exit()).resume();
