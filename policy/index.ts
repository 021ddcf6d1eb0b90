import type { Policies } from "@pulumi/policy";
import * as backups from "./backups";
import * as certificate from "./certificate";
import * as commands from "./commands";
import * as connections from "./connections";
import * as container from "./container";
import * as deployKeys from "./deploy-keys";
import * as dockerDaemon from "./docker-daemon";
import * as files from "./files";
import * as firewall from "./firewall";
import * as github from "./github";
import * as image from "./image";
import * as inputs from "./inputs";
import * as nginx from "./nginx";
import * as requiredUnits from "./required-units";
import * as rollout from "./rollout";
import type { ResourceRule, StackRule } from "./rule";
import * as secrets from "./secrets";
import * as sshd from "./sshd";
import * as types from "./types";
import { unknownAtPreview } from "./unknown";
import * as units from "./units";
import * as workflows from "./workflows";

const concerns = [
  types,
  inputs,
  connections,
  commands,
  image,
  container,
  files,
  sshd,
  deployKeys,
  firewall,
  dockerDaemon,
  units,
  nginx,
  certificate,
  requiredUnits,
  secrets,
  rollout,
  backups,
  github,
  workflows,
];

const isRule = (value: object): value is ResourceRule | StackRule => "name" in value && "description" in value;

/** Every rule that a file of a concern exports. */
export const rules: readonly (ResourceRule | StackRule)[] = concerns.flatMap((concern) =>
  Object.values<object>(concern).filter(isRule),
);

/** The pack. */
export const policies: Policies = [
  ...rules,
  unknownAtPreview(rules.filter((rule): rule is ResourceRule => "unknowns" in rule)),
];
