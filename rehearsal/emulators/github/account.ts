/** The state of the emulator: one repository of one owner, as the entities of GitHub's REST API. */

export interface StoredSecret {
  /** Base64 of the sealed box, as the client sent it. */
  sealed: string;
  createdAt: string;
  updatedAt: string;
}

export interface StoredVariable {
  value: string;
  readonly createdAt: string;
  updatedAt: string;
}

interface BranchPolicy {
  readonly id: number;
  name: string;
  type: "branch" | "tag";
}

export interface StoredEnvironment {
  readonly id: number;
  /** Body of the last PUT. */
  settings: Readonly<Record<string, unknown>>;
  readonly secrets: Record<string, StoredSecret>;
  policies: BranchPolicy[];
  readonly createdAt: string;
  updatedAt: string;
}

export interface Identity {
  readonly name: string;
  readonly email: string;
}

interface Commit {
  readonly sha: string;
  readonly message: string;
  readonly author: Identity;
  readonly committer: Identity;
}

interface Ruleset {
  readonly id: number;
  /** Body of the last POST or PUT. */
  settings: Readonly<Record<string, unknown>>;
}

export interface PackageVersion {
  readonly id: number;
  /** Digest of the manifest or index. */
  readonly name: string;
  readonly created_at: string;
  readonly tags: readonly string[];
}

export interface Deployment {
  readonly id: number;
  readonly sha: string;
  readonly environment: string;
  readonly created_at: string;
  readonly statuses: { readonly id: number; readonly state: string; readonly created_at: string }[];
}

/** A pull request within the repository. */
export interface Pull {
  readonly number: number;
  readonly head: string;
  /** The latest proposed commit. It is kept after the branch is deleted. */
  headSha: string;
  base: string;
  title: string;
  body: string;
  state: "open" | "closed";
  merged: boolean;
  readonly user: string;
  readonly created_at: string;
  updated_at: string;
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  body: string;
}

/** The user and the permissions of a token. `admin` is a role, not a scope: a ruleset can exempt a role. */
export interface Token {
  readonly login: string;
  readonly role: "admin" | "write" | "read";
  readonly scopes: readonly Scope[];
}

export const scopes = [
  "secrets",
  "contents",
  "workflows",
  "administration",
  "packages",
  "deployments",
  "issues",
  "pulls",
] as const;

export type Scope = (typeof scopes)[number];

export interface Account {
  readonly owner: string;
  readonly repository: string;
  readonly keys: { readonly id: string; readonly publicKey: string; readonly privateKey: string };
  lastId: number;
  readonly tokens: Record<string, Token>;
  readonly secrets: Record<string, StoredSecret>;
  readonly variables: Record<string, StoredVariable>;
  readonly environments: Record<string, StoredEnvironment>;
  /** Content in base64, by branch and path. */
  readonly branches: Record<string, Record<string, string>>;
  /** The latest commit of each branch. */
  readonly heads: Record<string, string>;
  readonly commits: Commit[];
  readonly pulls: Pull[];
  rulesets: Ruleset[];
  readonly packages: Record<string, PackageVersion[]>;
  readonly deployments: Deployment[];
  readonly comments: Comment[];
}

/** The commit of an empty branch. */
export const firstCommit = "0".repeat(40);

/** A repository with an empty branch `main`. */
export const newAccount = (owner: string, repository: string, keys: Account["keys"]): Account => ({
  owner,
  repository,
  keys,
  lastId: 100,
  tokens: {},
  secrets: {},
  variables: {},
  environments: {},
  branches: { main: {} },
  heads: { main: firstCommit },
  commits: [],
  pulls: [],
  rulesets: [],
  packages: {},
  deployments: [],
  comments: [],
});

/** The next number. Ids are unique over all kinds, as on GitHub. */
export function nextId(account: Account): number {
  account.lastId += 1;
  return account.lastId;
}
