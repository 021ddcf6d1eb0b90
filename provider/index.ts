import "../light-runtime";
import { main } from "@pulumi/pulumi/provider";
import { functions } from "./functions";
import { handlers } from "./handlers";
import { VpsProvider } from "./provider";
import { pooledShells } from "../host/ssh/ssh-shell";

/** An orphan would go on holding the host's lock: the plugin ends with the engine that started it, whatever ended that. */
function endWithEngine(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(1);
  }, 500).unref();
}

endWithEngine();
/** Entry point of the plugin `vps`. Prints nothing: the engine reads the port from standard output. */
void main(new VpsProvider("0.1.0", handlers, functions, pooledShells()), process.argv.slice(2));
