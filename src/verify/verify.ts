import { literal, quote } from '../db/quoting.ts';
import { DatabaseAheadError } from '../errors.ts';
import { type MigrationsTable, migrationsTableName } from '../migrate/migrations-table.ts';
import type { Session } from '../migrate/session.ts';
import { transactionSettings } from '../migrate/transaction-settings.ts';
import { expectedAfter } from '../schema/expected.ts';
import { migrations } from '../schema/migrations.ts';
import { readCatalogue } from '../schema/read-catalogue.ts';
import { scopeOf } from '../schema/scope.ts';
import type { Settings } from '../settings.ts';
import { type MigrationStatusResult, statusOf } from '../status.ts';
import { VERSION } from '../version.ts';
import { inOrder, type Ranked, type VerifySchemaResult } from './findings/finding.ts';
import { findingsOf } from './findings/interpret.ts';
import { nameOf } from './names.ts';

/** Verifies in a transaction of its own, which changes nothing. */
export function verify(
  session: Session,
  migrationsTable: MigrationsTable,
): Promise<VerifySchemaResult> {
  const { settings, deadline } = session;
  // One simple query of several statements is one transaction, and these settings end with it. A
  // reader that waits for a lock holds up nobody.
  const before = `SET TRANSACTION READ ONLY; ${transactionSettings(settings, deadline)} SET LOCAL jit = off; SET LOCAL lock_timeout = 0;`;
  return inspect(session, migrationsTable, before);
}

/**
 * Reads the catalogue, and compares it with what the recorded migrations leave behind.
 *
 * @param before - statements to send along, before the query
 */
export async function inspect(
  { connection, settings }: Session,
  migrationsTable: MigrationsTable,
  before: string,
): Promise<VerifySchemaResult> {
  const status = statusOf(migrationsTable);
  refuseUnknown(status, migrationsTable);
  const count = status.migrations.findLastIndex(({ state }) => recorded.has(state)) + 1;
  const head = status.migrations[count - 1]?.name;
  const migrationsTableFindings = ofTheMigrationsTable(status, settings, count);
  if (count === 0) return result(head, migrationsTableFindings);
  const expected = expectedAfter(count);
  const actual = await readCatalogue(connection, scopeOf(expected, settings), before);
  return result(head, [
    ...migrationsTableFindings,
    ...findingsOf(expected, actual, settings.migrationsTable, settings.schemas[0]),
  ]);
}

const recorded: ReadonlySet<string> = new Set(['applied', 'misplaced']);

function result(head: string | undefined, all: readonly Ranked[]): VerifySchemaResult {
  const ordered = inOrder(all);
  return { ok: ordered.every(({ level }) => level === 'info'), head, findings: ordered };
}

/** What the migrations table says by itself. */
function ofTheMigrationsTable(
  { verdict, migrations: all }: MigrationStatusResult,
  settings: Settings,
  count: number,
): Ranked[] {
  const name = migrationsTableName(settings);
  const object = `table ${nameOf(name.schema)}.${nameOf(name.table)}`;
  const at = { turn: 0, object };
  if (count === 0) {
    const fix = 'Call runMigrations(), or run: npx conversion-tracking-schema up';
    const expected = 'a migrations table that records the migrations';
    return [{ ...at, code: 'NOT_INSTALLED', expected, found: 'nothing is recorded', fix }];
  }
  if (verdict === 'damaged') {
    const wrong = all.filter(({ state }) => state === 'missing' || state === 'misplaced');
    const table = quote(name);
    const names = migrations.slice(0, count).map((one) => literal(one.name));
    return [
      {
        ...at,
        code: 'MIGRATIONS_TABLE_DAMAGED',
        expected: 'every migration once, in order',
        found: wrong.map((one) => `${one.name} ${one.state}`).join(', '),
        fix: `DELETE FROM ${table} WHERE name IN (${names.join(', ')});
INSERT INTO ${table} (name, run_on) VALUES ${names.map((one) => `(${one}, now() AT TIME ZONE 'UTC')`).join(', ')};`,
      },
    ];
  }
  const pending = all.filter(({ state }) => state === 'pending').length;
  return pending === 0
    ? []
    : [
        {
          ...at,
          code: 'MIGRATIONS_PENDING',
          expected: 'all applied',
          found: `${pending} pending`,
          fix: undefined,
        },
      ];
}

/** What a newer version has made is not in this one's manifest. */
function refuseUnknown(
  { migrations: all }: MigrationStatusResult,
  { declaration }: MigrationsTable,
): void {
  const unknown = all.filter(({ state }) => state === 'unknown').map(({ name }) => name);
  if (unknown.length === 0) return;
  throw new DatabaseAheadError(
    `A newer version has applied ${unknown.join(', ')}, of which version ${VERSION} has no description.`,
    declaration
      ? `Verify with conversion-tracking-schema ${declaration.release} or newer.`
      : 'Verify with that version.',
    unknown,
    declaration?.compatibleFrom,
  );
}
