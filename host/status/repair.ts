import type { Command } from "../shell";

/** Repairs what is safe to repair, and prints one line for each action. */
export const repair = (app: string): Command => ({
  operation: "repair the server of",
  target: app,
  script: "status/repair.sh",
  args: [app],
  timeoutSeconds: 120,
});

/** The actions of a repair. */
export const parseActions = (text: string): readonly string[] => text.split("\n").filter(Boolean);
