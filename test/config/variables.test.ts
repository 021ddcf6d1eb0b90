import { describe, expect, test } from "vitest";
import { variableProblems, variablesSchema } from "../../config/variables";

const plain = { scope: "runtime", secret: false, required: true, generate: false };

describe("variablesSchema", () => {
  test("a text, a number and a boolean are short for a default", () => {
    expect(variablesSchema.parse({ A: "x", B: 587, C: true, D: "", E: { default: 1 } })).toEqual({
      A: { ...plain, default: "x" },
      B: { ...plain, default: "587" },
      C: { ...plain, default: "true" },
      D: { ...plain, default: "" },
      E: { ...plain, default: "1" },
    });
  });

  test.each([[{ "A-B": "x" }], [{ "1A": "x" }], [{ A: null }], [{ A: ["x"] }], [{ A: { scope: "all" } }]])(
    "%j is refused",
    (declarations) => {
      expect(variablesSchema.safeParse(declarations).success).toBe(false);
    },
  );
});

describe("variableProblems", () => {
  const problems = (declarations: object, set: Readonly<Record<string, "secret" | "plain">> = {}): string[] =>
    variableProblems(
      variablesSchema.parse(declarations),
      { isSet: (name) => name in set, isSecret: (name) => set[name] === "secret" },
      ["app"],
    );

  test.each<[string, object, Readonly<Record<string, "secret" | "plain">>]>([
    ["a default", { A: "x" }, {}],
    ["an optional one without a value", { A: { required: false } }, {}],
    ["a secret with a value", { A: { secret: true } }, { A: "secret" }],
    ["a plain one whose value is stored as a secret", { A: {} }, { A: "secret" }],
    ["a generated one", { A: { secret: true, generate: true } }, {}],
    ["one of the build, whose value GitHub has", { A: { scope: "build", secret: true } }, {}],
    [
      "a secret default, stored as a secret",
      { A: { secret: true, default: "x" } },
      { A: "secret", variables: "secret" },
    ],
  ])("%s is fine", (_, declarations, set) => {
    expect(problems(declarations, set)).toEqual([]);
  });

  test.each<[object, Readonly<Record<string, "secret" | "plain">>, string]>([
    [{ A: { secret: true } }, {}, "A: missing\n    try: pulumi config set --secret A (it asks for the value)"],
    [
      { A: {} },
      {},
      "A: missing\n    try: pulumi config set --path 'variables.A' <value>, or: pulumi config set --secret A (it asks for the value)",
    ],
    [
      { A: { secret: true } },
      { A: "plain" },
      "A: is stored in plain text in the stack file; it must be a secret\n    try: pulumi config set --secret A (it asks for the value)",
    ],
    [
      { A: {} },
      { A: "plain" },
      "A: is no key of its own\n    try: pulumi config set --path 'variables.A' <value>; pulumi config rm A",
    ],
    [
      { A: { scope: "build" } },
      { A: "secret" },
      "A: only the build of the image gets it, so the stack does not store it\n    try: ops pipeline init, which gives it to GitHub; then: pulumi config rm A",
    ],
    [
      { A: { secret: true, default: "x" } },
      { A: "secret" },
      "variables.A.default: is a secret in plain text in the stack file\n    try: pulumi config set --secret A (it asks for the value); pulumi config rm --path 'variables.A.default'",
    ],
    [
      { A: { generate: true, default: "x" } },
      {},
      "variables.A.generate: is set together with `default`\n    try: pulumi config rm --path 'variables.A.generate'",
    ],
    [
      { A: { generate: true, scope: "build" } },
      {},
      "variables.A.generate: the build of the image gets no generated value\n    try: pulumi config rm --path 'variables.A.generate'",
    ],
    [
      { A: { scope: "both", default: "${{ secrets.TOKEN }}" } },
      {},
      "variables.A.default: a workflow cannot carry a line end or `${{`\n    try: pulumi config rm --path 'variables.A.default'; ops pipeline init",
    ],
    [
      { app: "x" },
      {},
      "variables.app: is the name of a key of this configuration\n    try: pulumi config rm --path 'variables.app'",
    ],
  ])("%j with %j", (declarations, set, problem) => {
    expect(problems(declarations, set)).toEqual([problem]);
  });
});
