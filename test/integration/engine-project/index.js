const pulumi = require("@pulumi/pulumi");

class Note extends pulumi.CustomResource {
  constructor(name, args) {
    super("tiny:index:Note", name, { ...args, length: undefined });
  }
}

if (process.env.ENGINE_PROJECT_FAILS) {
  const refusal = new pulumi.RunError("the program says no");
  // Node 20 takes 20 s to format a stack with a frame of @pulumi/pulumi (nodejs/node#64011).
  refusal.stack = undefined;
  throw refusal;
}
console.log(`working directory: ${process.cwd()}`);

if (process.env.ENGINE_PROJECT_KEEPS) pulumi.runtime.registerResourceOutputs(pulumi.runtime.getStackResource(), {});

const config = new pulumi.Config();
const self = new pulumi.StackReference(`organization/${pulumi.getProject()}/${pulumi.getStack()}`);
const note = new Note("note", { text: config.get("text") ?? "hello", secret: config.getSecret("secret") ?? "" });

exports.text = note.text;
exports.length = note.length;
exports.before = self.getOutput("text").apply((text) => text ?? "nothing");
