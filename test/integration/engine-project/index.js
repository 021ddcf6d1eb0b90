const pulumi = require("@pulumi/pulumi");

class Note extends pulumi.CustomResource {
  constructor(name, args) {
    super("tiny:index:Note", name, { ...args, length: undefined });
  }
}

if (process.env.ENGINE_PROJECT_FAILS) throw new Error("the program says no");
console.log(`working directory: ${process.cwd()}`);

const config = new pulumi.Config();
const self = new pulumi.StackReference(`organization/${pulumi.getProject()}/${pulumi.getStack()}`);
const note = new Note("note", { text: config.get("text") ?? "hello", secret: config.getSecret("secret") ?? "" });

exports.text = note.text;
exports.length = note.length;
exports.before = self.getOutput("text").apply((text) => text ?? "nothing");
