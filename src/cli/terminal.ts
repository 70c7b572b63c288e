import { styleText } from 'node:util';

/** The part of a stream that the command line uses: `process.stdout` fits. */
export interface Writer {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Whether the terminal shows colors, by `NO_COLOR`, `FORCE_COLOR` and `TERM`. */
  hasColors?(): boolean;
}

/** Styles text, or returns it unchanged. */
export interface Styles {
  readonly success: (text: string) => string;
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

/** Returns the styles for a stream: ANSI colors on a terminal that shows them, else none. */
export function stylesFor(writer: Writer): Styles {
  const colored = writer.isTTY && writer.hasColors?.();
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    colored ? styleText(format, text, { validateStream: false }) : text;
  return {
    success: style('green'),
    error: style('red'),
    warning: style('yellow'),
    dim: style('dim'),
    bold: style('bold'),
  };
}

/** Replaces control characters: a name from the database could contain terminal escapes. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => (character === '\n' ? '\n' : '\u{fffd}'));
}

/** Makes text printable and puts it on one line. */
export function singleLine(text: string): string {
  return printable(text.replace(/\s+/g, ' '));
}

/** Formats a number with its noun: `1 migration`, `2 migrations`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Formats a duration in whole milliseconds. */
export function milliseconds(ms: number): string {
  return `${ms.toFixed(0)} ms`;
}
