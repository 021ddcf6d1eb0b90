import Module, { createRequire } from "node:module";
import { dirname } from "node:path";

// Imported first by what the engine starts (program, plugin, policy pack): takes out of Pulumi's Node.js runtime what none
// of them uses. The program's own processor time fell from 3.4 s to 1.9 s by it (2 cores, Node 20, 52 resources).

/**
 * Modules that the runtime loads to serialize functions, which only dynamic providers have, and the library that starts the
 * engine. Half of the time it takes to load.
 */
const unused = ["typescript", "@npmcli/arborist", "normalize-package-data", "@pulumi/pulumi/automation"];

const requireModule = createRequire(__filename);

/** Puts off the loading of the module at this path until something of it is used. */
export function loadOnUse(path: string): void {
  let loaded: Record<PropertyKey, unknown> | undefined;
  const load = (): Record<PropertyKey, unknown> => {
    if (!loaded) Reflect.deleteProperty(require.cache, path);
    return (loaded ??= requireModule(path) as Record<PropertyKey, unknown>);
  };
  const exports = new Proxy(
    {},
    {
      get: (_, name) => (name === "__esModule" ? true : load()[name]),
      // Compilers copy a module's members one by one.
      ownKeys: () => Reflect.ownKeys(load()),
      getOwnPropertyDescriptor: (_, name) => ({ value: load()[name], enumerable: true, configurable: true }),
    },
  );
  require.cache[path] = Object.assign(new Module(path), { exports, loaded: true });
}

const runtimeFolder = dirname(require.resolve("@pulumi/pulumi/package.json"));
for (const name of unused) loadOnUse(require.resolve(name, { paths: [runtimeFolder] }));

// The runtime takes a stack for every promise and maps it to TypeScript: a quarter of the program's time, and 20 s and more
// to print one error on Node 20 (nodejs/node#64011). The compiled lines read nearly the same.
Reflect.deleteProperty(Error, "prepareStackTrace");
