import type { Connection } from '../db/connection.ts';
import type { Settings } from '../settings.ts';
import type { Baseline } from './baseline/baseline.ts';
import { findBaseline } from './baseline/find-baseline.ts';
import { type DataAtRisk, findDataAtRisk } from './data-loss.ts';
import {
  type MigrationsTable,
  migrationsTableName,
  NO_MIGRATIONS_TABLE,
  readDeclared,
  readMigrationsTable,
} from './migrations-table.ts';
import { secondInstallation } from './preflight/installed-elsewhere.ts';
import { leadsWarnings } from './preflight/leads-rules.ts';
import { type Preflight, preflight } from './preflight/preflight.ts';
import { type Selection, selectMigrations } from './select-migrations.ts';
import type { Session } from './session.ts';

/** What a run will do, with nothing that conflicts. */
export interface Assessment {
  readonly selection: Selection;
  readonly preflight: Preflight;
  /** A schema made elsewhere, to be adopted. */
  readonly baseline: Baseline | undefined;
  /** What is no conflict, and probably not what the application expects. */
  readonly warnings: readonly string[];
  /** What a rollback drops, and must be empty. */
  readonly dataAtRisk: readonly DataAtRisk[];
}

/** Reads the migrations table; of another role's its comment alone, as a policy might run code. */
async function recordedIn(
  connection: Connection,
  settings: Settings,
  { facts: { relations } }: Preflight,
): Promise<MigrationsTable> {
  const found = relations.find(({ name }) => name === settings.migrationsTable);
  if (!found) return NO_MIGRATIONS_TABLE;
  const name = migrationsTableName(settings);
  return found.owned
    ? readMigrationsTable(connection, name, false, true)
    : { ...(await readDeclared(connection, name)), hidden: true };
}

/**
 * Assesses the database before the first change, in the open transaction: what the migrations table
 * records, what is there without it, and what conflicts with the selected migrations.
 *
 * @throws {PreflightError} with every conflict
 */
export async function assess({ connection, settings }: Session): Promise<Assessment> {
  const found = await preflight(connection, settings);
  const table = await recordedIn(connection, settings, found);
  const selection = selectMigrations(table, settings);
  if (selection.selected.length === 0) {
    return { selection, preflight: found, baseline: undefined, warnings: [], dataAtRisk: [] };
  }
  const isFresh = settings.direction === 'up' && selection.applied.length === 0;
  const baseline = isFresh
    ? await findBaseline(connection, settings, found.tables, found.otherMigrationsTables)
    : undefined;
  const differences =
    baseline?.differences ??
    (isFresh ? secondInstallation(found.facts.installedElsewhere, settings) : []);
  const { selected } = baseline
    ? selectMigrations({ ...NO_MIGRATIONS_TABLE, recorded: baseline.names }, settings)
    : selection;
  found.refuse(selected, differences);
  const creates = selected.flatMap((migration) => migration.creates);
  return {
    selection: { selected, applied: selection.applied },
    preflight: found,
    baseline,
    warnings: settings.direction === 'up' ? leadsWarnings(found.facts, creates) : [],
    dataAtRisk: await findDataAtRisk(connection, settings, selected),
  };
}
