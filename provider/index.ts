import { main } from "@pulumi/pulumi/provider";
import { handlers, invocations } from "./handlers";
import { VpsProvider } from "./provider";
import { pooledShells } from "./ssh/ssh-shell";

/** Entry point of the plugin `vps`. Prints nothing: the engine reads the port from standard output. */
void main(new VpsProvider("0.1.0", handlers, invocations, pooledShells()), process.argv.slice(2));
