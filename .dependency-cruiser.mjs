/**
 * The layers of the program, highest first, and what each may import beside itself. Nothing else is allowed, so an import
 * that points upward fails, and so does an import of `rehearsal/` or `test/` by the product.
 */
const foundation = ["repository.ts", "light-runtime.ts"];
const layers = {
  "index.ts": ["components", "github", "config.ts", "config", "host", ...foundation],
  components: ["github", "config.ts", "config", "host", ...foundation],
  policy: ["github", "config.ts", "config", "host", ...foundation],
  // ops/github is a Pulumi program, like index.ts.
  ops: ["components", "github", "config.ts", "config", "host", ...foundation],
  provider: ["host", ...foundation],
  github: ["config", "host", ...foundation],
  "config.ts": ["config", "host", ...foundation],
  config: ["host", ...foundation],
  host: foundation,
  "repository.ts": [],
  "light-runtime.ts": [],
};

/** Folders whose files nothing below them may import, and which may import anything. */
const surroundings = ["docs", "rehearsal", "test"];

const pathOf = (layer) => `^${layer.replace(".", "\\.")}${layer.endsWith(".ts") ? "$" : "/"}`;
const anyOf = (names) => names.map(pathOf).join("|");
const product = anyOf(Object.keys(layers));

const layerRules = Object.entries(layers).map(([layer, below]) => ({
  name: `layers: ${layer}`,
  comment: `${layer} imports only from: ${[layer, ...below].join(", ")}. Move the shared code to a lower layer.`,
  severity: "error",
  from: { path: pathOf(layer) },
  to: { path: anyOf([...Object.keys(layers), ...surroundings]), pathNot: anyOf([layer, ...below]) },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...layerRules,
    {
      name: "product without rehearsal",
      comment: "The product never imports rehearsal/ or test/: it must work without them.",
      severity: "error",
      from: { path: product },
      to: { path: anyOf(surroundings) },
    },
    {
      name: "product without dev dependencies",
      comment: "The product runs without dev dependencies. List the package under dependencies in package.json.",
      severity: "error",
      from: { path: product },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "declared dependencies",
      comment: "List the package in package.json: another package that brings it may stop to do so.",
      severity: "error",
      from: { pathNot: "^(sdks|node_modules)/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "known places",
      comment: "Each file at the root and each folder needs a layer in .dependency-cruiser.mjs.",
      severity: "error",
      from: { pathNot: `${product}|${anyOf(surroundings)}|^(sdks|node_modules|rootfs)/|\\.config\\.|^\\.` },
      to: {},
    },
    { name: "no cycles", comment: "Split the files.", severity: "error", from: {}, to: { circular: true } },
    {
      name: "resolvable",
      comment: "The import leads nowhere.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // policy/package.json and rehearsal/package.json add to the one at the root.
    combinedDependencies: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|\\.rehearsal|rehearsal/app|rootfs)/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ["import", "require", "node", "default"],
      exportsFields: ["exports"],
      extensions: [".ts", ".js", ".cjs", ".mjs", ".json", ".d.ts"],
    },
  },
};
