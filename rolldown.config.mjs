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

/** The stand-ins of a machine that can download nothing. The engine looks for a plugin's `index.js`. */
const standIn = (name, input) => {
  const { output, ...rest } = bundle("index", input);
  // The stand-ins load their client of the engine late. One file holds it anyway.
  const checks = { ineffectiveDynamicImport: false };
  return { ...rest, checks, output: { ...output, dir: `dist/offline/${name}`, entryFileNames: "index.js" } };
};

const plugins = ["command", "docker", "github", "random", "terraform-provider"];

export default defineConfig([
  ...plugins.map((name) => standIn(name, `rehearsal/offline/plugins/${name}/index.ts`)),
  standIn("language-host", "rehearsal/offline/language-host/main.ts"),
  bundle("server/deploy", "host/deploy/main.ts"),
  bundle("ops", "ops/main.ts", [/^@pulumi\//]),
  bundle("provider", "provider/index.ts"),
]);
