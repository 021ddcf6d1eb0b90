import { z } from "zod";

/** One line of the status: a fact about a topic and its judgement. */
export const lineSchema = z.object({
  /** The subject in one word, such as "disk". */
  topic: z.string(),
  /** `info`: nothing to judge. `warn`: an operator should act in the next days. `fail`: now. */
  level: z.enum(["ok", "info", "warn", "fail"]),
  text: z.string(),
  /** The next command; only of a line with level `warn` or `fail`. */
  fix: z.string().optional(),
});

export type Line = z.output<typeof lineSchema>;
export type Level = Line["level"];

export const ok = (topic: string, text: string): Line => ({ topic, level: "ok", text });
export const info = (topic: string, text: string): Line => ({ topic, level: "info", text });
export const warn = (topic: string, text: string, fix: string): Line => ({ topic, level: "warn", text, fix });
export const fail = (topic: string, text: string, fix: string): Line => ({ topic, level: "fail", text, fix });

/** The level of a number that must not become small: `ok` from the first limit on, `warn` from the second on. */
export const levelFrom = (value: number, okFrom: number, warnFrom: number): Level =>
  value >= okFrom ? "ok" : value >= warnFrom ? "warn" : "fail";

/** A line of any level. The fix is left out where nothing is wrong. */
export const line = (topic: string, level: Level, text: string, fix: string): Line =>
  level === "ok" || level === "info" ? { topic, level, text } : { topic, level, text, fix };
