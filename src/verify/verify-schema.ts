import { withSession } from '../migrate/session.ts';
import { DATABASE_OPTIONS, type DatabaseOptions } from '../options.ts';
import { resolveOptions } from '../settings.ts';
import type { VerifySchemaResult } from './findings/finding.ts';

/** The database to verify. */
export type VerifySchemaOptions = DatabaseOptions;

/**
 * Detects schema drift: compares the database with what its recorded migrations created.
 *
 * Compared are the definitions of tables, columns, constraints, indexes, triggers and functions, row
 * level security, policies, owners and privileges. Also reported are objects and roles through which
 * anonymous clients reach the tables, and functions that calls of the package's functions may run
 * instead. Comments are not compared. Columns and indexes that the application has added have the
 * level `info`.
 *
 * Changes nothing. Sends two statements, three if row level security hides the rows. Needs SELECT on
 * the migrations table only: every role can read the server's catalogue.
 *
 * Not detected are SECURITY DEFINER functions that build a table's name at run time, and anything
 * outside of this database, such as replication to another server.
 *
 * @param options - the database; by default `DATABASE_URL` or the `PG*` variables
 * @returns `ok`, and findings, each with its fix
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
  // Imported on demand, so that a process that only migrates does not load the manifest.
  const { verify } = await import('./verify.ts');
  return withSession(settings, {}, verify);
}
