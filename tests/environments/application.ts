import { migrations } from '../../src/schema/migrations.ts';

/** An application of somebody else's, as an ES module or a CommonJS one: both read alike. */
export const APPLICATION = `
import { runMigrations, TrackingSchemaError, verifySchema } from 'conversion-tracking-schema';
import type { Database } from 'conversion-tracking-schema/kysely';
import { trackingQueue } from 'conversion-tracking-schema/queue';
import type { Visitor } from 'conversion-tracking-schema/types';
import pg from 'pg';

async function main(): Promise<void> {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
  const { ran } = await runMigrations({ dbClient: pool });
  const { alreadyApplied } = await runMigrations();
  const { ok } = await verifySchema();
  const table: keyof Database = 'visitors';
  await trackingQueue(pool).upsertVisitor({ visitor_id: 'someone' });
  const { rows } = await pool.query<Visitor>('SELECT * FROM ' + table);
  const visitors = rows.map(({ visitor_id }) => visitor_id);
  const error: unknown = await runMigrations({ count: 0 }).catch((error: unknown) => error);
  const refused = error instanceof TrackingSchemaError ? error.code : error;
  await pool.end();
  const counts = { ran: ran.length, alreadyApplied: alreadyApplied.length };
  console.log(JSON.stringify({ ...counts, ok, visitors, refused }));
}
main();
`;

/** What it tells of an empty database, and of one that is migrated. */
export function told(database: 'empty' | 'migrated'): string {
  const all = migrations.length;
  return `${JSON.stringify({
    ran: database === 'empty' ? all : 0,
    alreadyApplied: all,
    ok: true,
    visitors: ['someone'],
    refused: 'INVALID_OPTION',
  })}\n`;
}
