import { readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);

/** A document of the repository, and what is in it to be tried. */
export interface Guide {
  readonly text: string;
  /** The fenced blocks of a language, in order; those of one section where it is named. */
  blocks(language: string, section?: string): readonly string[];
  /** The cells of a section's table, without its head. */
  table(section?: string): readonly (readonly string[])[];
}

/**
 * Reads a document.
 *
 * @param path - from the root of the repository, such as `docs/queue.md`
 */
export function readGuide(path: string): Guide {
  const text = readFileSync(new URL(path, ROOT), 'utf8');
  const part = (section?: string): string => {
    if (section === undefined) return text;
    const [, after] = text.split(`\n## ${section}\n`);
    if (after === undefined) throw new Error(`${path} has no section "${section}".`);
    return after.split('\n## ')[0] ?? '';
  };
  return {
    text,
    blocks: (language, section) =>
      [...part(section).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
        .filter(([, found]) => found === language)
        .map(([, , inside = '']) => inside.trim()),
    table: (section) =>
      part(section)
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .slice(2)
        .map((line) =>
          line
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim()),
        ),
  };
}
