import { readdirSync } from "node:fs";
import { join } from "node:path";
import { serverProgram, stepScripts } from "../host/sets/deploy";
import { readRepositoryFile, repositoryRoot } from "../repository";
import { appPattern } from "./app-name";
import type { StackSettings } from "./stack-settings";

interface Template {
  /** Path on the server, with placeholders. */
  readonly path: string;
  readonly text: string;
}

const pathOnServer = (path: string): string => path.slice(path.indexOf("/"));

function readTemplates(): Template[] {
  const found = readdirSync(join(repositoryRoot, "rootfs"), { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(repositoryRoot, "rootfs").length + 1));
  return paths.map((path) => ({ path: pathOnServer(path), text: readRepositoryFile("rootfs", path) }));
}

let templates: readonly Template[] | undefined;

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A text with placeholders as a pattern: the app's name in its place, anything on one line for another value. */
function matches(template: string, text: string, stack: StackSettings | undefined): boolean {
  if (!template.includes("{{")) return template === text;
  const parts = template.split(/\{\{(\w+)\}\}/);
  const pattern = parts.map((part, index) => {
    if (index % 2 === 0) return escaped(part);
    return part === "app" ? appPattern(stack) : "[^\\n]*";
  });
  return new RegExp(`^${pattern.join("")}$`).test(text);
}

const deployProgram = /^\/usr\/local\/lib\/[^/]+\/deploy\/(?:host\/(.+)|program\/main\.cjs)$/;

/** Whether a file is the program of the deploy keys, or one of the scripts of host/ that it brings. */
function isOfDeployProgram(path: string, content: string): boolean {
  const found = deployProgram.exec(path);
  if (!found) return false;
  const [, script] = found;
  if (script === undefined) return content === serverProgram();
  return stepScripts.includes(script) && content === readRepositoryFile("host", script);
}

/** Whether a file of the server is a file of rootfs/ with its placeholders filled, or of the deploy keys' program. */
export function isFromRootfs(path: string, content: string, stack: StackSettings | undefined): boolean {
  if (isOfDeployProgram(path, content)) return true;
  templates ??= readTemplates();
  return templates.some((template) => matches(template.path, path, stack) && matches(template.text, content, stack));
}
