const { main } = require("@pulumi/pulumi/provider");

function outputs(inputs) {
  if (inputs.text === "refused") throw new Error("the provider says no");
  return { ...inputs, length: inputs.text.length };
}

main(
  {
    version: "1.0.0",
    check: async (_urn, _olds, news) => ({ inputs: news }),
    diff: async (_id, _urn, olds, news) => ({ changes: olds.text !== news.text }),
    create: async (_urn, inputs) => ({ id: "note", outs: outputs(inputs) }),
    update: async (_id, _urn, _olds, news) => ({ outs: outputs(news) }),
    read: async (id, _urn, props) => ({ id, props }),
    delete: async () => {},
  },
  process.argv.slice(2),
);
