/**
 * Starts the emulator: `node main.js <folder> <port>`. The master key comes from B2_APPLICATION_KEY_ID and
 * B2_APPLICATION_KEY, the variables that the clients of B2 use.
 */
import { Emulator } from "./server";
import { Store } from "./store";

const [folder = "", port = ""] = process.argv.slice(2);
const { B2_APPLICATION_KEY_ID: keyId = "", B2_APPLICATION_KEY: key = "" } = process.env;
void new Emulator(new Store(folder, { keyId, key })).listen(Number(port), "0.0.0.0");
process.once("SIGTERM", () => process.exit(0));
