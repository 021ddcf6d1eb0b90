import { pathText, valueAt } from "./keys";

/** The values of the tracked example of a stack file that each operator has to replace, by their paths. */
export const placeholders: readonly (readonly [path: readonly string[], value: string, remedy: string])[] = [
  [["host", "host"], "192.0.2.1", "<address of the server>"],
  [
    ["host", "hostKey"],
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExam",
    '"$(ssh-keyscan -t ed25519 <address>)"',
  ],
  [["certificate", "email"], "set-this@example.com", "<your address>"],
  [["backups", "bucket"], "set-this-backups", "<a name that no other customer of Backblaze has>"],
  [["backups", "alert", "deadManUrl"], "https://ping.example.com/set-this", "<address of your dead-man's switch>"],
];

/** The keys that still have the value of the example. Each needs a value of the operator. */
export const placeholderProblems = (raw: unknown): string[] =>
  placeholders
    .filter(([path, value]) => valueAt(raw, path) === value)
    .map(
      ([path, , remedy]) =>
        `${pathText(path)}: is the value of the example\n    try: pulumi config set --path '${pathText(path)}' ${remedy}`,
    );
