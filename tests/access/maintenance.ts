import pg from 'pg';
import type { Queryable } from '../support/catalogue.ts';
import { withClient } from '../support/database.ts';
import type { Checked } from './expected.ts';
import type { Stranger } from './sites.ts';

/** The server skips these with a warning where the right is missing. They end a transaction. */
const COMMANDS = ['ANALYZE', 'VACUUM', 'VACUUM FULL'];

/** What each of the commands leaves in the catalogue. */
export async function traces(db: Queryable, tables: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ line: string }>(
    `SELECT (c.oid::regclass, relfilenode, reltuples, relpages,
             (SELECT count(*) FROM pg_statistic WHERE starelid = c.oid))::text AS line
       FROM pg_class c WHERE c.oid = ANY ($1::regclass[]) ORDER BY 1`,
    [tables],
  );
  return rows.map(({ line }) => line);
}

/** Runs all of them on all tables as every stranger. Whatever is not skipped is a hole. */
export async function tryMaintenance(
  strangers: readonly Stranger[],
  tables: readonly string[],
): Promise<Checked> {
  const holes: string[] = [];
  for (const { role, url } of strangers) {
    await withClient(url, async (client) => {
      let warnings: string[] = [];
      client.on('notice', ({ message = '' }) => warnings.push(message));
      await client.query(`SET ROLE ${pg.escapeIdentifier(role)}`);
      for (const table of tables) {
        for (const command of COMMANDS) {
          warnings = [];
          await client.query(`${command} ${table}`);
          if (warnings.some((warning) => warning.includes('skipping'))) continue;
          holes.push(`${role}: ${command} on relation ${table}: succeeded`);
        }
      }
    });
  }
  return { checked: strangers.length * tables.length * COMMANDS.length, holes };
}
