import { withSession } from '../migrate/session.ts';
import { DATABASE_OPTIONS, type DatabaseOptions } from '../options.ts';
import { resolveOptions } from '../settings.ts';
import type { VerifySchemaResult } from './findings/finding.ts';

/** Where to look. */
export type VerifySchemaOptions = DatabaseOptions;

/**
 * Proves that a database is as its recorded migrations have left it, access included: tables,
 * columns, constraints, indexes, triggers and functions by definition; row level security, owners
 * and privileges; and nothing of others through which anonymous clients reach the tables. Comments
 * do not count, and columns and indexes of the application's own are reported as `info`.
 *
 * Changes nothing, takes two statements, and needs SELECT on the migrations table alone: the rest is in the
 * server's catalogue, which every role can read.
 *
 * What it cannot see: bodies of SECURITY DEFINER functions that put a table's name together at run
 * time, and what is done outside of this database, such as replication to another server.
 *
 * @param options - where; with none, `DATABASE_URL` or the `PG*` variables
 * @throws {@link TrackingSchemaError}: errors of the options, the connection and the privileges;
 *   `DatabaseAheadError` where a newer version has migrated the database
 *
 * @example
 * ```ts
 * import { verifySchema } from 'conversion-tracking-schema';
 *
 * const { ok, findings } = await verifySchema();
 * for (const { level, object, found, fix } of findings) {
 *   console.log(level, object, found, fix);
 * }
 * if (!ok) process.exitCode = 1;
 * ```
 */
export async function verifySchema(options: VerifySchemaOptions = {}): Promise<VerifySchemaResult> {
  const settings = resolveOptions(options, DATABASE_OPTIONS);
  // Loaded late: who only migrates needs no description of the schema.
  const { verify } = await import('./verify.ts');
  return withSession(settings, {}, verify);
}
