import { isMap, isScalar, parseDocument } from "yaml";
import type { WrittenTexts } from "./scalars";

function textOf(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  return typeof node.value === "string" ? node.value : node.source;
}

/** The values of the section `variables` in the text of a stack file, as their author wrote them. */
export function writtenTexts(stackFile: string, project: string): WrittenTexts {
  const section = parseDocument(stackFile).getIn(["config", `${project}:variables`], true);
  if (!isMap(section)) return {};
  const found = section.items.map(({ key, value }) => {
    const scalar = isMap(value) ? value.get("default", true) : value;
    return [isScalar(key) ? String(key.value) : "", textOf(scalar)] as const;
  });
  return Object.fromEntries(found.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
}
