import type { Inventory } from "../inventory";

import type { Claims } from "../../file-set/claims";

/** Decisions that belong to the owner of the server: `host.adopt` in the stack's configuration. */
export const adoptable = ["docker", "nginx", "firewall", "shared"] as const;

type Adoptable = (typeof adoptable)[number];

/** The stack's last update, as its outputs tell it. */
export interface LastUpdate {
  readonly app?: string | undefined;
  readonly host?: string | undefined;
  /** Id of the app's data. Empty for an app that an earlier version of this program deployed. */
  readonly identity?: string | undefined;
  readonly hasBackups: boolean;
}

/** Changes that an operator may mean, and confirms for one update: `-c accept=<change>`. */
export const acceptable = ["host", "domain"] as const;

type Acceptable = (typeof acceptable)[number];

/** The stack's side of the comparison with a server. */
export interface Expectations {
  readonly app: string;
  /** The app as servers record it: `PROJECT/STACK/APP`. */
  readonly owner: string;
  /** Names of the site. The first one names the certificate. */
  readonly domains: readonly string[];
  /** Name or address of the server. */
  readonly host: string;
  /** The directories of the data on the server. Empty where one directory holds all of it. */
  readonly data: readonly string[];
  /** The stack's last update; undefined before the first. */
  readonly last?: LastUpdate | undefined;
  /** The change that the operator confirms for this update. */
  readonly accept?: Acceptable | undefined;
  /** The subnet that the stack's configuration asks for, a /16. Without it a free one is chosen. */
  readonly subnet?: string | undefined;
  /** The content that the app claims for the paths and units that all apps of a server share, as `file-set/claims.ts` makes them. */
  readonly claims: Claims;
  readonly memoryMb: number;
  /** Port of the ssh connection. */
  readonly sshPort: number;
  readonly adopt: readonly Adoptable[];
  /** Ports of other services that stay open, such as `51820/udp`. */
  readonly allow: readonly string[];
  /** This machine's time, in milliseconds since 1970. */
  readonly now: number;
}

/** A reason not to touch the server as it is. */
export interface Problem {
  readonly fact: string;
  /** The operator's choices; each is a command or a setting. */
  readonly choices: readonly string[];
}

/** A rule over an inventory. Rules are data: `severity` orders the report, `adopt` names the key that permits it. */
export interface Rule {
  readonly severity: "impossible" | "owner decides";
  readonly adopt?: Adoptable;
  readonly find: (inventory: Inventory, expected: Expectations) => readonly Problem[];
}

export const problem = (fact: string, ...choices: string[]): Problem => ({ fact, choices });

/** The command that takes a decision of the server's owner. */
export const adoptCommand = ({ adopt }: Pick<Expectations, "adopt">, word: Adoptable): string =>
  `pulumi config set --path 'host.adopt[${adopt.length}]' ${word}`;

export const unless = (fine: boolean, fact: string, ...choices: string[]): Problem[] =>
  fine ? [] : [problem(fact, ...choices)];
