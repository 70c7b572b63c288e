import type { TestDatabase } from '../../support/database.ts';
import type { Mutant } from './mutants.ts';

/** Puts the mutant in the function's place for as long as `work` takes. */
export async function withMutant<T>(
  db: TestDatabase,
  { name, replace }: Pick<Mutant, 'name' | 'replace'>,
  work: () => Promise<T>,
): Promise<T> {
  const [row] = await db.query<{ definition: string }>(
    'SELECT pg_get_functiondef($1::regproc) AS definition',
    [name],
  );
  const sound = row?.definition ?? '';
  await db.query(replace.reduce(replaced, sound));
  try {
    return await work();
  } finally {
    await db.query(sound);
  }
}

function replaced(text: string, [from, to]: readonly [string, string]): string {
  if (!text.includes(from)) throw new Error(`There is no ${JSON.stringify(from)} in\n${text}`);
  return text.replaceAll(from, to);
}
