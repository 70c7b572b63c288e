import { quote } from '../db/quoting.ts';
import {
  DatabaseAheadError,
  MigrationsTableDamagedError,
  PermissionDeniedError,
} from '../errors.ts';
import { MIGRATION_NAMES as KNOWN, type Migration, migrations } from '../schema/migrations.ts';
import type { Settings } from '../settings.ts';
import { VERSION } from '../version.ts';
import { isBackwardCompatible } from './declaration.ts';
import { type MigrationsTable, migrationsTableName } from './migrations-table.ts';

/** What a call has to do, by what the migrations table records. */
export interface Selection {
  /** This version's migrations that are applied: a prefix of the list. */
  readonly applied: readonly string[];
  /** The migrations to run, in the order in which to run them. */
  readonly selected: readonly Migration[];
}

/**
 * Selects the migrations to run.
 *
 * @throws {DatabaseAheadError | MigrationsTableDamagedError | PermissionDeniedError}
 */
export function selectMigrations(table: MigrationsTable, settings: Settings): Selection {
  const { direction, count, target } = settings;
  if (direction === 'down') refuseUnknown(table);
  const applied = appliedMigrations(table, quote(migrationsTableName(settings)));
  const reached = target === undefined ? undefined : KNOWN.indexOf(target) + 1;
  if (direction === 'up') {
    const end = reached ?? applied.length + Math.min(count, migrations.length);
    return { applied, selected: migrations.slice(applied.length, end) };
  }
  const keep = reached ?? Math.max(0, applied.length - count);
  return { applied, selected: migrations.slice(keep, applied.length).reverse() };
}

/** Only the version that applied a migration can roll it back. */
function refuseUnknown({ recorded, declaration }: MigrationsTable): void {
  const unknown = recorded.filter((name) => !KNOWN.includes(name));
  if (unknown.length === 0) return;
  throw new DatabaseAheadError(
    `Version ${VERSION} cannot roll back ${unknown.join(', ')}: it does not know them.`,
    `Roll back with conversion-tracking-schema ${declaration?.release ?? 'in the version that applied them'}.`,
    unknown,
    declaration?.compatibleFrom,
  );
}

/**
 * Returns which of this version's migrations are applied. Migrations that it does not know were
 * applied by a newer version: they are accepted if the schema is backward compatible with this one.
 */
function appliedMigrations(table: MigrationsTable, tableName: string): readonly string[] {
  const recorded = recordedNames(table);
  if (!recorded) {
    throw new PermissionDeniedError(
      `Row level security hides the rows of the migrations table ${tableName} from this role, and no release declares that its migrations are complete.`,
      { hint: 'Run the migrations as the owner of the migrations table, in a deploy step.' },
    );
  }
  const unknown = recorded.filter((name) => !KNOWN.includes(name));
  const applied = recorded.filter((name) => KNOWN.includes(name));
  refuseGaps(applied, tableName);
  if (unknown.length > 0 && !isBackwardCompatible(table.declaration)) {
    const { release, compatibleFrom } = table.declaration ?? {};
    throw new DatabaseAheadError(
      `The migrations table ${tableName} records migrations that version ${VERSION} does not know (${unknown.join(', ')}), and the schema ${compatibleFrom ? `is backward compatible with versions from ${compatibleFrom} on` : 'does not declare that it is backward compatible with this version'}.`,
      `Deploy conversion-tracking-schema ${release ?? 'in the version that applied them'} or newer.`,
      unknown,
      compatibleFrom,
    );
  }
  if (unknown.length > 0 && applied.length < KNOWN.length) {
    const missing = KNOWN.filter((name) => !applied.includes(name));
    throw new MigrationsTableDamagedError(
      `The migrations table ${tableName} records ${unknown.join(', ')}, which version ${VERSION} does not know, but not ${missing.join(', ')}.`,
      { hint: 'Deploy the version that applied them, and let it finish.' },
    );
  }
  return applied;
}

/** Refuses a migration that is missing before a recorded one, or recorded before its predecessor. */
function refuseGaps(applied: readonly string[], tableName: string): void {
  const at = applied.findIndex((name, index) => name !== KNOWN[index]);
  if (at < 0) return;
  throw new MigrationsTableDamagedError(
    `The migrations table ${tableName} records ${applied[at]} where ${KNOWN[at]} belongs: it was edited by hand, or two runs have mixed.`,
    { hint: 'Run npx conversion-tracking-schema verify: it prints the SQL that fixes the table.' },
  );
}

/**
 * Returns the recorded names. Where row level security hides the rows, they follow from the
 * declaration's last migration; undefined where there is no declaration.
 */
export function recordedNames(table: MigrationsTable): readonly string[] | undefined {
  const { hidden, recorded, declaration } = table;
  if (!hidden) return recorded;
  if (!declaration) return undefined;
  const head = KNOWN.indexOf(declaration.head);
  return head < 0 ? [...KNOWN, declaration.head] : KNOWN.slice(0, head + 1);
}
