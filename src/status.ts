import { isBackwardCompatible } from './migrate/declaration.ts';
import { type MigrationsTable, NO_MIGRATIONS_TABLE } from './migrate/migrations-table.ts';
import { installedElsewhere } from './migrate/preflight/installed-elsewhere.ts';
import { recordedNames } from './migrate/select-migrations.ts';
import { withSession } from './migrate/session.ts';
import { DATABASE_OPTIONS, type DatabaseOptions } from './options.ts';
import { MIGRATION_NAMES } from './schema/migrations.ts';
import { resolveOptions } from './settings.ts';

/** The database to read. */
export type MigrationStatusOptions = DatabaseOptions;

/**
 * The state of one migration.
 *
 * - `applied`: recorded, in order.
 * - `pending`: not recorded, and neither is a later one. Call runMigrations().
 * - `missing`: not recorded, although a later one is: the migrations table was edited by hand.
 *   verifySchema() returns the fix.
 * - `misplaced`: recorded after a later one, or twice. As for `missing`.
 * - `unknown`: recorded by a newer version. Deploy that version, unless the verdict is `ready`.
 */
export type MigrationState = 'applied' | 'pending' | 'missing' | 'misplaced' | 'unknown';

/** One migration of this version, or of the migrations table. */
export interface MigrationStatus {
  readonly name: string;
  readonly state: MigrationState;
  /** When it was recorded; undefined where it is not, or where the role cannot read the rows. */
  readonly ranAt: Date | undefined;
}

/**
 * The state of the database, for a readiness probe.
 *
 * - `ready`: the database has everything that this version needs.
 * - `pending`: migrations are pending. Call runMigrations().
 * - `incompatible`: a newer version has migrated the database, and is not backward compatible with
 *   this one.
 * - `damaged`: a migration is missing or misplaced, or a newer version has recorded migrations and some
 *   of this version's are not recorded.
 */
export type Verdict = 'ready' | 'pending' | 'incompatible' | 'damaged';

/** The result of {@link migrationStatus}. */
export interface MigrationStatusResult {
  /** Whether this version can work with the database: for a readiness probe. */
  readonly verdict: Verdict;
  /** This version's migrations in order, then unknown ones. */
  readonly migrations: readonly MigrationStatus[];
  /**
   * Where the migrations table does not exist: other schemas that hold the tables. Then `schema` is
   * probably missing or wrong.
   */
  readonly installedIn: readonly string[];
}

/**
 * Returns the state of each migration, and a verdict on the database. Changes nothing.
 *
 * Takes one round trip, and a second one where the migrations table does not exist, the role cannot
 * read its rows, or these are missing or unknown to this version. Needs SELECT on the migrations table only.
 * Tables without a migrations table count as pending: runMigrations() adopts them as a baseline.
 *
 * @param options - the database; by default `DATABASE_URL` or the `PG*` variables
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
  return withSession(settings, { withTimes: true }, async ({ connection }, migrationsTable) => {
    const status = statusOf(migrationsTable);
    if (migrationsTable !== NO_MIGRATIONS_TABLE) return status;
    const elsewhere = await connection.query<{ name: string }>(installedElsewhere(settings));
    return { ...status, installedIn: elsewhere.map(({ name }) => name) };
  });
}

/** Returns the status that follows from the rows of a migrations table. Pure. */
export function statusOf(migrationsTable: MigrationsTable): MigrationStatusResult {
  const known = MIGRATION_NAMES;
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
  return { verdict: verdictOf(all, migrationsTable), migrations: all, installedIn: [] };
}

function verdictOf(all: readonly MigrationStatus[], migrationsTable: MigrationsTable): Verdict {
  const has = (state: MigrationState) => all.some((migration) => migration.state === state);
  if (has('missing') || has('misplaced')) return 'damaged';
  if (has('unknown') && !isBackwardCompatible(migrationsTable.declaration)) return 'incompatible';
  if (has('unknown') && has('pending')) return 'damaged';
  return has('pending') ? 'pending' : 'ready';
}
