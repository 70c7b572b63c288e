import { readFileSync } from 'node:fs';
import { withClient } from '../support/database.ts';

/** All of the guide. */
export const GUIDE = readFileSync(new URL('../../docs/scaling.md', import.meta.url), 'utf8');

/** A fenced block of the guide. */
export interface Snippet {
  readonly language: string;
  readonly text: string;
}

/** A section of the guide, without its heading. */
export function section(heading: string): string {
  const [, after = ''] = GUIDE.split(`\n## ${heading}\n`);
  return after.split('\n## ')[0] ?? '';
}

/** The snippets of a section, in order. */
export function snippetsOf(heading: string): readonly Snippet[] {
  return [...section(heading).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', text = '']) => ({ language, text }),
  );
}

/** A shell's snippet by the machine that the comment before it names (`# on the primary`), if one does. */
export function shell(snippet: Snippet | undefined): ReadonlyMap<string, string> {
  if (snippet?.language !== 'sh') throw new Error('the guide has other snippets');
  const [everywhere = '', ...parts] = snippet.text.split(/^# on the /m);
  if (parts.length === 0) return new Map([['', everywhere]]);
  return new Map(parts.map((part) => split(part)));
}

/**
 * Runs SQL of the guide, each statement on the server that the comment before it names (`-- on the
 * primary`), and returns the rows of each.
 */
export async function runSql(
  snippet: Snippet | undefined,
  urls: Readonly<Record<string, string>>,
): Promise<readonly object[][]> {
  if (snippet?.language !== 'sql') throw new Error('the guide has other snippets');
  const answers: object[][] = [];
  for (const part of snippet.text.split(/^-- on the /m).slice(1)) {
    const [where, statements] = split(part);
    const url = urls[where];
    if (url === undefined) throw new Error(`there is no ${where}`);
    for (const statement of statements.split(/;\n/)) {
      if (statement.trim() !== '') answers.push(await query(url, statement));
    }
  }
  return answers;
}

/** The first line, and the others. */
function split(text: string): [first: string, others: string] {
  const [first = '', ...others] = text.split('\n');
  return [first, others.join('\n')];
}

/** Runs one statement on a connection of its own. */
export function query<Row extends object>(
  url: string,
  sql: string,
  values?: unknown[],
): Promise<Row[]> {
  return withClient(url, async (client) => (await client.query<Row>(sql, values)).rows);
}
