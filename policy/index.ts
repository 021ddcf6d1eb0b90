import type { Policies } from "@pulumi/policy";
import * as backups from "./backups";
import * as certificate from "./certificate";
import * as container from "./container";
import * as files from "./files";
import * as github from "./github";
import * as host from "./host";
import * as image from "./image";
import * as nginx from "./nginx";
import * as rollout from "./rollout";
import type { ResourceRule, StackRule } from "./rule";
import * as secrets from "./secrets";
import { unknownAtPreview } from "./unknown";

/** The rules by their concern: whatever a concern's file exports is one. */
export const concerns = { host, image, container, files, nginx, certificate, secrets, rollout, backups, github };

export const rules: readonly (ResourceRule | StackRule)[] = Object.values(concerns).flatMap((concern) =>
  Object.values<ResourceRule | StackRule>(concern),
);

/** The pack. */
export const policies: Policies = [
  ...rules,
  unknownAtPreview(rules.filter((rule): rule is ResourceRule => "unknowns" in rule)),
];
