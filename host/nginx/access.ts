/** Who may see a site that is not public, such as a staging site. */
export interface SiteAccess {
  /** User names, each with the hash of a password. */
  readonly users: Readonly<Record<string, string>>;
  /** Addresses and networks that need no password. */
  readonly addresses: readonly string[];
}

/** The file with the app's users and hashes. */
export const usersFile = (app: string): string => `/etc/nginx/${app}.users`;

/** Whether the site asks for a password. */
export const hasUsers = (access: SiteAccess | undefined): access is SiteAccess =>
  access !== undefined && Object.keys(access.users).length > 0;

/** The text of the file with users and hashes. */
export const usersText = ({ users }: SiteAccess): string =>
  Object.entries(users)
    .map(([name, hash]) => `${name}:${hash}\n`)
    .join("");

const addressLines = ({ addresses }: SiteAccess): readonly string[] =>
  addresses.length > 0 ? [...addresses.map((address) => `allow ${address};`), "deny all;"] : [];

const userLines = (app: string): readonly string[] => [
  `auth_basic "${app}";`,
  `auth_basic_user_file ${usersFile(app)};`,
  // The password is for the site. Other kinds of this header belong to the app.
  "proxy_set_header Authorization $authorization_unless_basic;",
];

/** nginx directives for the site, and for its health endpoint, which stays public. One of the two ways in is enough. */
export function accessDirectives(
  app: string,
  access: SiteAccess | undefined,
): { readonly forSite: readonly string[]; readonly forHealth: readonly string[] } {
  if (access === undefined) return { forSite: [], forHealth: [] };
  return {
    forSite: ["satisfy any;", ...addressLines(access), ...(hasUsers(access) ? userLines(app) : [])],
    forHealth: ["allow all;", "auth_basic off;"],
  };
}
