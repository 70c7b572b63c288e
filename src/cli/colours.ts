/** A stream, as far as the command line needs one: process.stdout will do. */
export interface Writer {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Puts colour on words, or leaves them as they are. */
export interface Paint {
  readonly good: (words: string) => string;
  readonly bad: (words: string) => string;
  readonly warning: (words: string) => string;
  readonly faint: (words: string) => string;
  readonly strong: (words: string) => string;
}

const same = (words: string) => words;
const NONE: Paint = { good: same, bad: same, warning: same, faint: same, strong: same };

/** Colours for a terminal, unless NO_COLOR is set. */
export async function paintFor(writer: Writer): Promise<Paint> {
  // yoctocolors looks at the environment alone, not at where the words go.
  if (!writer.isTTY || process.env.NO_COLOR) return NONE;
  const { bold, dim, green, red, yellow } = await import('yoctocolors');
  return { good: green, bad: red, warning: yellow, faint: dim, strong: bold };
}

/** Text without control characters: a name from a database could steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => (character === '\n' ? '\n' : '\u{fffd}'));
}

/** The same on one line. */
export function onOneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' '));
}
