import type { Adoption } from './adoption/adoption.ts';
import { findAdoption } from './adoption/find-adoption.ts';
import { type DataAtRisk, findDataAtRisk, refuseDataLoss } from './data-loss.ts';
import {
  migrationsTableName,
  NO_MIGRATIONS_TABLE,
  readMigrationsTable,
} from './migrations-table.ts';
import { type Preflight, preflight } from './preflight/preflight.ts';
import { type Selection, selectMigrations } from './select-migrations.ts';
import type { Session } from './session.ts';
import { transactionSettings } from './transaction-settings.ts';

/** What a run will do, with nothing that conflicts. */
export interface Assessment {
  readonly selection: Selection;
  readonly preflight: Preflight;
  /** The schema that is there already, to be recorded. */
  readonly adoption: Adoption | undefined;
  /** What a rollback drops, and must be empty. */
  readonly dataAtRisk: readonly DataAtRisk[];
}

/**
 * Assesses the database before the first change, in the open transaction: what the migrations table
 * records, what is there without it, and what conflicts with the selected migrations.
 *
 * @throws {PreflightError} with every conflict
 */
export async function assess({ connection, settings }: Session): Promise<Assessment> {
  const found = await preflight(connection, settings);
  const table = found.hasMigrationsTable
    ? await readMigrationsTable(connection, migrationsTableName(settings))
    : NO_MIGRATIONS_TABLE;
  const selection = selectMigrations(table, settings);
  if (selection.selected.length === 0) {
    return { selection, preflight: found, adoption: undefined, dataAtRisk: [] };
  }
  const isFresh = settings.direction === 'up' && selection.applied.length === 0;
  const adoption = isFresh
    ? await findAdoption(connection, settings, found.tables, found.otherMigrationsTables)
    : undefined;
  const { selected } = adoption
    ? selectMigrations({ ...NO_MIGRATIONS_TABLE, recorded: adoption.names }, settings)
    : selection;
  found.refuse(selected, adoption?.differences ?? []);
  return {
    selection: { selected, applied: selection.applied },
    preflight: found,
    adoption,
    dataAtRisk: await findDataAtRisk(connection, settings, selected),
  };
}

/** Assesses the database in a read-only transaction of its own. */
export async function assessReadOnly(session: Session): Promise<Assessment> {
  const { connection, settings, deadline } = session;
  try {
    await connection.query(`BEGIN READ ONLY; ${transactionSettings(settings, deadline)}`);
    const assessment = await assess(session);
    await refuseDataLoss(connection, settings, assessment.dataAtRisk, false);
    return assessment;
  } finally {
    await connection.query('ROLLBACK').catch(() => {});
  }
}
