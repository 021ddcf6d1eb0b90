import { Module } from "node:module";

/**
 * Takes the place of what `@pulumi/pulumi` loads to serialize closures for dynamic providers: TypeScript's compiler and npm's
 * arborist, two thirds of the library's start and of what a policy pack adds to each preview. A pack serializes none.
 * Imported before the library.
 */
for (const name of ["serializeClosure", "codePaths"]) {
  const file = require.resolve(`@pulumi/pulumi/runtime/closure/${name}`);
  require.cache[file] = Object.assign(new Module(file), { loaded: true });
}
