import { defineConfig } from "rolldown";

// Programs whose start somebody waits for, each in one file with its modules: it loads in half of the processor time. The
// files are directly in dist/, because repository.ts looks for the checkout one folder above.

/** Loaded from node_modules, when they are used at all. */
const external = [/\.node$/, "cpu-features", "typescript", "@npmcli/arborist"];

const bundle = (name, input, others = []) => ({
  input: { [name]: input },
  platform: "node",
  external: [...external, ...others],
  output: {
    dir: "dist",
    format: "cjs",
    minify: true,
    entryFileNames: `${name}.cjs`,
    chunkFileNames: `${name}-[name].cjs`,
  },
});

export default defineConfig([
  bundle("server/deploy", "host/deploy/main.ts"),
  bundle("ops", "ops/main.ts", [/^@pulumi\//]),
  bundle("provider", "provider/index.ts"),
]);
