import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { onServer, type TestDatabase, uniqueName, withClient } from './database.ts';

/** Whether the server's log can be read here: not of a server that was handed to us. */
export const hasServerLog = (): boolean => inject('serverLog') !== undefined;

/**
 * The first lines of the statements that clients sent to a database while `work` ran, from the
 * server's log. Several statements in one simple query count as one: one round trip.
 */
export async function statementsDuring(
  database: TestDatabase,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const statements = await wholeStatementsDuring(database, work);
  return statements.map((statement) => statement.split('\n', 1)[0] ?? '');
}

/** The same statements with all of their lines. */
export async function wholeStatementsDuring(
  database: TestDatabase,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const file = inject('serverLog') ?? '';
  await onServer(`ALTER DATABASE ${database.name} SET log_statement = 'all'`);
  try {
    const before = readFileSync(file, 'utf8').length;
    await work();
    const marker = uniqueName('marker');
    // A session from before would not log it.
    await withClient(database.url, (client) => client.query(`SELECT '${marker}'`));
    for (let tries = 0; tries < 200; tries += 1) {
      const log = readFileSync(file, 'utf8').slice(before);
      if (log.includes(marker)) {
        return entries(log)
          .filter((entry) => entry.startsWith(`${database.name}|`) && !entry.includes(marker))
          .flatMap((entry) => STATEMENT.exec(entry)?.[1] ?? []);
      }
      await sleep(50);
    }
    throw new Error('the log did not come');
  } finally {
    await onServer(`ALTER DATABASE ${database.name} RESET log_statement`);
  }
}

const STATEMENT = /^[^\n]*?LOG: {2}(?:statement|execute [^:]*): ([\s\S]*)$/;

/** The server begins every further line of an entry with a tab. */
function entries(log: string): string[] {
  return log.split(/\n(?!\t)/).map((entry) => entry.replaceAll('\n\t', '\n'));
}
