/** The app that a file set belongs to. Two apps can have equal stack names, and two stacks equal app names. */
export interface Owner {
  readonly project: string;
  readonly stack: string;
  readonly app: string;
}

/** The owner in the form that a server records. */
export const ownerName = ({ project, stack, app }: Owner): string => `${project}/${stack}/${app}`;
