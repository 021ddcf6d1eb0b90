import { z } from "zod";

/** A URL that an environment file and a configuration of curl carry unchanged. */
export const plainUrl = z.url().regex(/^[^\s"'\\`$]+$/, "a URL without spaces, quotes, backslashes or dollar signs");
