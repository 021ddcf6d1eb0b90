// Loaded into every Node.js process of a run (NODE_OPTIONS): what our plugin prints goes into the file PLUGIN_OUTPUT, too.
const { appendFileSync } = require("node:fs");

const isPlugin = process.argv[1]?.includes("/dist/provider.cjs") ?? false;
for (const stream of isPlugin ? [process.stdout, process.stderr] : []) {
  const write = stream.write.bind(stream);
  stream.write = (chunk, ...rest) => {
    appendFileSync(process.env.PLUGIN_OUTPUT, chunk);
    return write(chunk, ...rest);
  };
}
