/** ESC or its 8-bit form, then a control string up to its terminator: a window title, a link, a device command. */
const controlStrings = /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)/g;
/** Colours, cursor movements, erasing (ECMA-48, section 5.4). */
const controlSequences = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]/g;
/** Other escape sequences, such as a change of the character set. */
const escapeSequences = /\x1b[ -/]*[0-~]/g;
/** Characters that end a line. */
const lineEnds = /\r\n|[\n\v\f\r\x85\u2028\u2029]/g;
/** All other control characters, and those that change the direction of a text. A tab is a space. */
const controlCharacters = /[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * The text in one line that is safe to print: without terminal escape sequences and other control characters. A program
 * that can write into a log cannot use it to control the terminal of its reader, or to add a line of its own.
 */
export const plainText = (text: string): string =>
  text
    .replaceAll(controlStrings, "")
    .replaceAll(controlSequences, "")
    .replaceAll(escapeSequences, "")
    .replaceAll(lineEnds, " ")
    .replaceAll(controlCharacters, "");
