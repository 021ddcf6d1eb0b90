import { publicKeyPattern } from "../host/deploy/login";
import { filesOfFormat } from "./file-entries";
import * as kinds from "./kinds";
import { fact, factsOf, resourceRule } from "./rule";

const restriction =
  /^restrict,command="sudo -n \/usr\/local\/lib\/[a-z][a-z0-9-]*\/deploy\/run [\w.@-]+ \\"\$SSH_ORIGINAL_COMMAND\\"" (.+)$/;

const isRestricted = (line: string): boolean => publicKeyPattern.test(restriction.exec(line)?.[1] ?? "");

export const deployKey = resourceRule({
  name: "deploy-key",
  why: "A deploy key starts one program and gets no terminal and no forwarding. Without the restriction it opens a shell on the server",
  source: "sshd(8), AUTHORIZED_KEYS FILE FORMAT",
  fix: "declare the key in host.deployKeys; host/deploy/login.ts writes the line",
  facts: [
    factsOf(kinds.fileSet, (set, _, stack) =>
      filesOfFormat(set, "login", stack).flatMap(([path, { content }]) =>
        content
          .split("\n")
          .filter(Boolean)
          .map((line, index) => fact(`line ${index + 1} of ${path}`, () => line)),
      ),
    ),
  ],
  holds: isRestricted,
});
