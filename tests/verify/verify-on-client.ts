import type pg from 'pg';
import type { Connection } from '../../src/db/connection.ts';
import { Deadline } from '../../src/db/deadline.ts';
import { migrationsTableName, readMigrationsTable } from '../../src/migrate/migrations-table.ts';
import { resolveOptions } from '../../src/settings.ts';
import type { VerifySchemaResult } from '../../src/verify/findings/finding.ts';
import { verifyInTransaction } from '../../src/verify/verify.ts';

/**
 * Verifies inside the transaction that the client has open, as `fixAccess()` does before it commits:
 * what a test has changed can be rolled back, where a new database would cost more than the test.
 * The search path is the default afterwards.
 */
export async function verifyOnClient(client: pg.Client): Promise<VerifySchemaResult> {
  const settings = resolveOptions({ databaseUrl: 'postgres://' });
  const connection = {
    query: async (sql: string) => [await client.query(sql)].flat().at(-1)?.rows ?? [],
  } as unknown as Connection;
  const session = { settings, deadline: new Deadline(settings), connection, emit: () => {} };
  const table = await readMigrationsTable(connection, migrationsTableName(settings));
  const result = await verifyInTransaction(session, table);
  await client.query('SET LOCAL search_path = DEFAULT');
  return result;
}
