import type { Adoption } from './adoption/adoption.ts';
import { findAdoption } from './adoption/find-adoption.ts';
import { findLosable, type Losable, refuseToLoseRows } from './data-loss.ts';
import { NO_MIGRATIONS_TABLE, readMigrationsTable } from './migrations-table.ts';
import { type Preflight, preflight } from './preflight/preflight.ts';
import { migrationsTableName, type Run, type Work, workFor } from './run.ts';
import { transactionSettings } from './transaction-settings.ts';

/** What is to be done, found fit to be done. */
export interface Assessment {
  readonly work: Work;
  readonly preflight: Preflight;
  readonly adoption: Adoption | undefined;
  /** What is to be dropped, and must hold nothing. */
  readonly losable: readonly Losable[];
}

/**
 * Looks at the database before the first change, in the transaction that is open: what the migrations table
 * says, what is there without it, and whether anything stands in the way.
 *
 * @throws {PreflightError} with all that does
 */
export async function assess({ connection, settings }: Run): Promise<Assessment> {
  const found = await preflight(connection, settings);
  const name = migrationsTableName(settings);
  const migrationsTable = found.hasMigrationsTable
    ? await readMigrationsTable(connection, name)
    : NO_MIGRATIONS_TABLE;
  const work = workFor(migrationsTable, settings);
  if (work.selected.length === 0) {
    return { work, preflight: found, adoption: undefined, losable: [] };
  }
  const fresh = settings.direction === 'up' && work.applied.length === 0;
  const adoption = fresh
    ? await findAdoption(connection, settings, found.tables, found.otherMigrationsTables)
    : undefined;
  const remaining = adoption
    ? workFor({ ...NO_MIGRATIONS_TABLE, recorded: adoption.names }, settings)
    : work;
  found.refuse(remaining.selected, adoption?.differences ?? []);
  return {
    work: { ...remaining, applied: work.applied },
    preflight: found,
    adoption,
    losable: await findLosable(connection, settings, remaining.selected),
  };
}

/** Finds out what a run would do, in a transaction that can change nothing. */
export async function rehearse(run: Run): Promise<Assessment> {
  const { connection, settings, clock } = run;
  try {
    await connection.query(`BEGIN READ ONLY; ${transactionSettings(settings, clock)}`);
    const assessment = await assess(run);
    await refuseToLoseRows(connection, settings, assessment.losable, false);
    return assessment;
  } finally {
    await connection.query('ROLLBACK').catch(() => {});
  }
}
