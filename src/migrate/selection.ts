import { DatabaseAheadError } from '../errors.ts';
import { type Migration, migrations } from '../schema/migrations.ts';
import type { Settings } from '../settings.ts';
import { VERSION } from '../version.ts';
import type { MigrationsTable } from './migrations-table.ts';

/**
 * The migrations to run, in the order in which to run them.
 *
 * @param applied - how many of the list are applied
 */
export function selectMigrations(applied: number, settings: Settings): readonly Migration[] {
  const { direction, count, target } = settings;
  const reached = target === undefined ? undefined : indexOf(target) + 1;
  if (direction === 'up') {
    return migrations.slice(applied, reached ?? applied + Math.min(count, migrations.length));
  }
  const keep = reached ?? Math.max(0, applied - count);
  return migrations.slice(keep, applied).reverse();
}

/** Only the version that applied a migration knows how to take it back. */
export function refuseDownBelowUnknown(migrationsTable: MigrationsTable, settings: Settings): void {
  const unknown = migrationsTable.recorded.filter((name) => indexOf(name) < 0);
  if (settings.direction === 'down' && unknown.length > 0) {
    throw new DatabaseAheadError(
      `Version ${VERSION} cannot roll back ${unknown.join(', ')}, which it does not know.`,
      `Roll back with conversion-tracking-schema ${migrationsTable.declaration?.release ?? 'in the version that applied them'}.`,
      unknown,
      migrationsTable.declaration?.compatibleFrom,
    );
  }
}

function indexOf(name: string): number {
  return migrations.findIndex((migration) => migration.name === name);
}
