import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { onServer, type TestDatabase, uniqueName } from './database.ts';

/** Whether the server's log can be read here: not of a server that was handed to us. */
export const hasServerLog = (): boolean => inject('serverLog') !== undefined;

/**
 * The statements that clients sent to a database while `work` ran, from the server's log. Several
 * statements in one simple query count as one: one round trip.
 */
export async function statementsDuring(
  database: TestDatabase,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const file = inject('serverLog') ?? '';
  await onServer(`ALTER DATABASE ${database.name} SET log_statement = 'all'`);
  try {
    const before = readFileSync(file, 'utf8').length;
    await work();
    const marker = uniqueName('marker');
    await database.query(`SELECT '${marker}'`);
    for (let tries = 0; tries < 200; tries += 1) {
      const log = readFileSync(file, 'utf8').slice(before);
      if (log.includes(marker)) {
        return log
          .split('\n')
          .filter((line) => line.startsWith(`${database.name}|`) && !line.includes(marker))
          .flatMap((line) => /LOG: {2}(?:statement|execute [^:]*): (.*)/.exec(line)?.[1] ?? []);
      }
      await sleep(50);
    }
    throw new Error('the log did not come');
  } finally {
    await onServer(`ALTER DATABASE ${database.name} RESET log_statement`);
  }
}
