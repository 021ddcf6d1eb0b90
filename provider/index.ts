import "../light-runtime";
import { main } from "@pulumi/pulumi/provider";
import { endWithEngine } from "./end-with-engine";
import { engineStatus } from "./engine-status";
import { functions } from "./functions";
import { handlersWith } from "./handlers";
import { VpsProvider } from "./provider";
import { pooledShells } from "../host/ssh/ssh-shell";

endWithEngine();
/** Entry point of the plugin `vps`. Prints nothing: the engine reads the port from standard output. */
const args = process.argv.slice(2);
const open = pooledShells();
const provider = new VpsProvider("0.1.0", handlersWith(open), functions, open, engineStatus(args.at(-1)));
void main(provider, args);
