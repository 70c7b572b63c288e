import {
  DatabaseAheadError,
  MigrationsTableMismatchError,
  PermissionDeniedError,
} from '../errors.ts';
import { migrations } from '../schema/migrations.ts';
import { VERSION } from '../version.ts';
import type { MigrationsTable } from './migrations-table.ts';

const KNOWN: readonly string[] = migrations.map(({ name }) => name);

/**
 * Which of this package's migrations the database has, as a prefix of the list.
 *
 * Migrations that this version does not know were applied by a newer one. They are accepted when
 * the database declares that it still serves this version, and refused otherwise.
 *
 * @throws {DatabaseAheadError | MigrationsTableMismatchError | PermissionDeniedError}
 */
export function appliedMigrations(
  migrationsTable: MigrationsTable,
  table: string,
): readonly string[] {
  const recorded = recordedNames(migrationsTable);
  if (!recorded) {
    throw new PermissionDeniedError(
      `Row level security hides the rows of the migrations table ${table} from this role, and the migrations have not finished.`,
      { hint: 'Run the migrations as the owner of the migrations table, in a deploy step.' },
    );
  }
  const unknown = recorded.filter((name) => !KNOWN.includes(name));
  const known = recorded.filter((name) => KNOWN.includes(name));
  refuseGaps(known, table);
  if (unknown.length > 0 && !serves(migrationsTable)) {
    const compatibleFrom = migrationsTable.declaration?.compatibleFrom;
    throw new DatabaseAheadError(
      `The migrations table ${table} records migrations that version ${VERSION} does not know (${unknown.join(', ')}), and the database ${compatibleFrom ? `serves versions from ${compatibleFrom} on` : 'does not declare that it serves this version'}.`,
      `Deploy conversion-tracking-schema ${migrationsTable.declaration?.release ?? 'in the version that applied them'} or newer.`,
      unknown,
      compatibleFrom,
    );
  }
  if (unknown.length > 0 && known.length < KNOWN.length) {
    const missing = KNOWN.filter((name) => !known.includes(name));
    throw new MigrationsTableMismatchError(
      `The migrations table ${table} records ${unknown.join(', ')}, which version ${VERSION} does not know, but not ${missing.join(', ')}.`,
      { hint: 'Deploy the version that applied them, and let it finish.' },
    );
  }
  return known;
}

/**
 * The names that the migrations table records. Where row level security hides its rows the declaration names
 * the last of them; undefined where there is none.
 */
export function recordedNames(migrationsTable: MigrationsTable): readonly string[] | undefined {
  const { hidden, recorded, declaration } = migrationsTable;
  if (!hidden) return recorded;
  if (!declaration) return undefined;
  const head = KNOWN.indexOf(declaration.head);
  return head < 0 ? [...KNOWN, declaration.head] : KNOWN.slice(0, head + 1);
}

/** A migration that is missing before one that is recorded, or recorded before its predecessor. */
function refuseGaps(known: readonly string[], table: string): void {
  const at = known.findIndex((name, index) => name !== KNOWN[index]);
  if (at < 0) return;
  const found = known[at];
  const expected = KNOWN[at];
  throw new MigrationsTableMismatchError(
    `The migrations table ${table} records ${found} where ${expected} belongs: it was edited by hand, or two runs have mixed.`,
    {
      hint: 'Compare the database with the migrations, and correct the rows of the migrations table.',
    },
  );
}

/** Whether the database declares that it serves this version. */
export function serves({ declaration }: MigrationsTable): boolean {
  return declaration !== undefined && compareVersions(VERSION, declaration.compatibleFrom) >= 0;
}

/** Negative where `a` is the lower version; pre-release tags do not count. */
function compareVersions(a: string, b: string): number {
  const parts = (version: string) => version.split(/[-+]/)[0]?.split('.').map(Number) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < 3; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
