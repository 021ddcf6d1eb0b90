import type { StackSettings } from "./stack-settings";

/** A regular expression for the app's name: the configured one, or any valid one where rules run without an engine. */
export const appPattern = (stack: StackSettings | undefined): string => stack?.app.name ?? "[a-z][a-z0-9-]{0,30}";
