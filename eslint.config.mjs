import tseslint from "typescript-eslint";

/** One style for functions: statements make a declaration, a single expression makes an arrow constant. */
const functionStyle = [
  {
    selector:
      "Program > VariableDeclaration > VariableDeclarator[id.typeAnnotation=undefined] > ArrowFunctionExpression[body.type='BlockStatement']",
    message: "Declare a function with statements as `function name() {}`.",
  },
  {
    selector:
      "Program > ExportNamedDeclaration > VariableDeclaration > VariableDeclarator[id.typeAnnotation=undefined] > ArrowFunctionExpression[body.type='BlockStatement']",
    message: "Declare a function with statements as `export function name() {}`.",
  },
  {
    selector:
      ":matches(Program, Program > ExportNamedDeclaration) > FunctionDeclaration[generator=false]:not([returnType.typeAnnotation.asserts=true]) > BlockStatement[body.length=1] > ReturnStatement",
    message: "Write a function that is one expression as an arrow constant.",
  },
];

export default tseslint.config(
  { ignores: ["dist/**", "node_modules/**", ".rehearsal/**"] },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines-per-function": ["error", { max: 40, skipBlankLines: true, skipComments: true }],
      "no-restricted-syntax": ["error", ...functionStyle],
      "@typescript-eslint/naming-convention": [
        "error",
        { selector: "variable", modifiers: ["destructured"], format: null },
        { selector: "variable", format: ["camelCase", "PascalCase"] },
        { selector: "function", format: ["camelCase"] },
        { selector: "typeLike", format: ["PascalCase"] },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  {
    // A describe block is a list of tests. It need not be short.
    files: ["test/**/*.ts", "rehearsal/test/**/*.ts"],
    rules: { "max-lines-per-function": "off" },
  },
);
