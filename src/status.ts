import { isBackwardCompatible } from './migrate/declaration.ts';
import type { MigrationsTable } from './migrate/migrations-table.ts';
import { recordedNames } from './migrate/select-migrations.ts';
import { withSession } from './migrate/session.ts';
import { DATABASE_OPTIONS, type DatabaseOptions } from './options.ts';
import { migrations } from './schema/migrations.ts';
import { resolveOptions } from './settings.ts';

/** Where to look. */
export type MigrationStatusOptions = DatabaseOptions;

/**
 * The state of one migration.
 *
 * - `applied`: recorded, in its place. Nothing to do.
 * - `pending`: not recorded, nor any after it. Run runMigrations().
 * - `missing`: not recorded, though a later one is. The migrations table was edited by hand, or two runs have
 *   mixed: compare the database with it, and correct its rows.
 * - `misplaced`: recorded, but after a later one, or twice. As for `missing`.
 * - `unknown`: recorded, and not known to this version: a newer one has applied it. Deploy that
 *   version, unless the verdict is `ready`.
 */
export type MigrationState = 'applied' | 'pending' | 'missing' | 'misplaced' | 'unknown';

/** One migration, of this package or of the migrations table. */
export interface MigrationStatus {
  readonly name: string;
  readonly state: MigrationState;
  /** When it was recorded; undefined where it was not, or where the role may not see the rows. */
  readonly ranAt: Date | undefined;
}

/**
 * The answer for a readiness probe.
 *
 * - `ready`: everything that this version needs is there.
 * - `pending`: migrations are pending. Run runMigrations().
 * - `incompatible`: a newer version has migrated the database, and it does not serve this one.
 * - `damaged`: a migration is missing or misplaced.
 */
export type Verdict = 'ready' | 'pending' | 'incompatible' | 'damaged';

/** What {@link migrationStatus} has found. */
export interface MigrationStatusResult {
  readonly verdict: Verdict;
  /** This version's migrations in order, then those that it does not know. */
  readonly migrations: readonly MigrationStatus[];
}

/**
 * Says where a database stands without changing anything, with one statement, and a second one where
 * the names in the migrations table are hidden, missing or unknown to this version. SELECT on the
 * migrations table is enough. A schema that is there without our migrations table is not looked for: it counts as
 * pending, and runMigrations() takes it over.
 *
 * @param options - where; with none, `DATABASE_URL` or the `PG*` variables
 * @throws {@link TrackingSchemaError}: errors of the options, the connection and the privileges
 *
 * @example
 * ```ts
 * import { migrationStatus } from 'conversion-tracking-schema';
 *
 * const { verdict } = await migrationStatus();
 * if (verdict !== 'ready') process.exitCode = 1;
 * ```
 */
export async function migrationStatus(
  options: MigrationStatusOptions = {},
): Promise<MigrationStatusResult> {
  const settings = resolveOptions(options, DATABASE_OPTIONS);
  return withSession(settings, { withTimes: true }, (_, migrationsTable) =>
    statusOf(migrationsTable),
  );
}

/** What a migrations table means to this version. Pure. */
export function statusOf(migrationsTable: MigrationsTable): MigrationStatusResult {
  const known = migrations.map(({ name }) => name);
  const recorded = recordedNames(migrationsTable) ?? [];
  const inOrder = recorded.filter((name) => known.includes(name));
  const last = Math.max(-1, ...inOrder.map((name) => known.indexOf(name)));
  const stateOf = (name: string, position: number): MigrationState => {
    if (!inOrder.includes(name)) return position < last ? 'missing' : 'pending';
    const places = inOrder.flatMap((other, place) => (other === name ? [place] : []));
    const [place = 0] = places;
    const before = inOrder.slice(0, place).every((other) => known.indexOf(other) < position);
    return places.length === 1 && before ? 'applied' : 'misplaced';
  };
  const ranAt = (name: string) => migrationsTable.times[recorded.indexOf(name)];
  const all: readonly MigrationStatus[] = [
    ...known.map((name, position) => ({
      name,
      state: stateOf(name, position),
      ranAt: ranAt(name),
    })),
    ...recorded
      .filter((name) => !known.includes(name))
      .map((name) => ({ name, state: 'unknown' as const, ranAt: ranAt(name) })),
  ];
  return { verdict: verdictOf(all, migrationsTable), migrations: all };
}

function verdictOf(all: readonly MigrationStatus[], migrationsTable: MigrationsTable): Verdict {
  const has = (state: MigrationState) => all.some((migration) => migration.state === state);
  if (has('missing') || has('misplaced')) return 'damaged';
  if (has('unknown') && !isBackwardCompatible(migrationsTable.declaration)) return 'incompatible';
  if (has('unknown') && has('pending')) return 'damaged';
  return has('pending') ? 'pending' : 'ready';
}
