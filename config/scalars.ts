import { isObject } from "./is-object";

/** A scalar of the stack file as its author wrote it, by the name of its variable. */
export type WrittenTexts = Readonly<Record<string, string>>;

/**
 * JSON whose numbers are texts with the same digits. A number of JavaScript would lose digits from the seventeenth on.
 * @throws SyntaxError when the text is not JSON.
 */
export const parseWithNumbersAsText = (json: string): unknown =>
  JSON.parse(
    json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) => (token.startsWith('"') ? token : `"${token}"`)),
  );

/** The engine gives a time as YAML's own type, in the form of RFC 3339. */
const isTime = (value: string): boolean => /^\d{4}-\d\d-\d\dT[\d:.]+/.test(value);

const isNumber = (value: string): boolean => /^-?\d[\d.eE+-]*$/.test(value);

/** Whether the engine may have read another value than the author wrote: `00123` is 83 for it, `True` is true. */
const isInterpreted = (value: unknown): boolean =>
  typeof value === "boolean" || (typeof value === "string" && (isNumber(value) || isTime(value)));

const defaultOf = (declaration: unknown): unknown => (isObject(declaration) ? declaration["default"] : declaration);

/** Whether a scalar of the section `variables` may have lost characters. */
export const needsWrittenTexts = (variables: unknown): boolean =>
  isObject(variables) && Object.values(variables).some((declaration) => isInterpreted(defaultOf(declaration)));

/** The number that the engine reads in a YAML scalar. */
function numberOf(written: string): number {
  const digits = written.replaceAll("_", "");
  return /^[-+]?0\d+$/.test(digits) ? parseInt(digits, 8) : Number(digits);
}

/** Whether the engine reads this value in the scalar. Otherwise another file than the read one gave the value. */
const isReadAs = (written: string, value: string): boolean =>
  written === value ||
  written.toLowerCase() === value ||
  numberOf(written) === Number(value) ||
  (isTime(value) && value.startsWith(written.slice(0, 10)));

function asWritten(declaration: unknown, written: string | undefined): unknown {
  const value = String(defaultOf(declaration));
  if (written === undefined || !isReadAs(written, value)) return declaration;
  return isObject(declaration) ? { ...declaration, default: written } : written;
}

/** The section `variables` with the texts that its author wrote. */
export const withWrittenTexts = (variables: unknown, written: WrittenTexts): unknown =>
  isObject(variables)
    ? Object.fromEntries(
        Object.entries(variables).map(([name, declaration]) => [
          name,
          isInterpreted(defaultOf(declaration)) ? asWritten(declaration, written[name]) : declaration,
        ]),
      )
    : variables;
