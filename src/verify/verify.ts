import { literal, quote } from '../db/quoting.ts';
import { DatabaseAheadError } from '../errors.ts';
import { type MigrationsTable, migrationsTableName } from '../migrate/migrations-table.ts';
import { installedElsewhere } from '../migrate/preflight/installed-elsewhere.ts';
import type { Session } from '../migrate/session.ts';
import { transactionSettings } from '../migrate/transaction-settings.ts';
import { expectedAfter } from '../schema/expected.ts';
import { migrations } from '../schema/migrations.ts';
import { readCatalogue } from '../schema/read-catalogue.ts';
import { scopeOf } from '../schema/scope.ts';
import type { Settings } from '../settings.ts';
import { type MigrationStatusResult, statusOf } from '../status.ts';
import { VERSION } from '../version.ts';
import { allFindings } from './findings/all-findings.ts';
import { readableName } from './findings/context.ts';
import {
  STAGE,
  type StagedFinding,
  sortFindings,
  type VerifySchemaResult,
} from './findings/finding.ts';
import { atomic } from './fixes.ts';

/** Verifies in a read-only transaction of its own. */
export function verify(
  session: Session,
  migrationsTable: MigrationsTable,
): Promise<VerifySchemaResult> {
  const { settings, deadline } = session;
  // A simple query of several statements is one transaction: these settings end with it. Reading the
  // catalogue blocks no other session, so it may wait for a lock as long as the deadline allows.
  const before = `SET TRANSACTION READ ONLY; ${transactionSettings(settings, deadline)} SET LOCAL jit = off; SET LOCAL lock_timeout = 0;`;
  return verifyInTransaction(session, migrationsTable, before);
}

/**
 * Compares the catalogue with what the recorded migrations leave behind, in the transaction that is open.
 *
 * @param before - statements to send with the query, before it
 */
export async function verifyInTransaction(
  { connection, settings }: Session,
  migrationsTable: MigrationsTable,
  before = '',
): Promise<VerifySchemaResult> {
  const status = statusOf(migrationsTable);
  throwIfAhead(status, migrationsTable);
  const count = status.migrations.findLastIndex(({ state }) => RECORDED.has(state)) + 1;
  const head = status.migrations[count - 1]?.name;
  const findings = migrationsTableFindings(status, settings, count);
  if (count === 0) {
    const elsewhere = await connection.query<{ name: string }>(
      `${before}${installedElsewhere(settings)}`,
    );
    findings.push(
      notInstalled(
        settings,
        elsewhere.map(({ name }) => name),
      ),
    );
  } else {
    const expected = expectedAfter(count);
    const actual = await readCatalogue(connection, scopeOf(expected, settings), before);
    findings.push(...allFindings(expected, actual, settings.migrationsTable, settings.schemas[0]));
  }
  const sorted = sortFindings(findings);
  return { ok: sorted.every(({ level }) => level === 'info'), head, findings: sorted };
}

const RECORDED: ReadonlySet<string> = new Set(['applied', 'misplaced']);

/** Findings about the rows of the migrations table. */
function migrationsTableFindings(
  { verdict, migrations: all }: MigrationStatusResult,
  settings: Settings,
  count: number,
): StagedFinding[] {
  if (count === 0) return [];
  const name = migrationsTableName(settings);
  const about = { stage: 0, object: migrationsTableObject(settings) };
  if (verdict === 'damaged') {
    const damaged = all.filter(({ state }) => state === 'missing' || state === 'misplaced');
    return [
      {
        ...about,
        // Its fix inserts rows, which needs the default of id.
        stage: STAGE.functions,
        code: 'MIGRATIONS_TABLE_DAMAGED',
        expected: 'every migration once, in order',
        found: damaged.map((one) => `${one.name} ${one.state}`).join(', '),
        fix: rewriteRows(quote(name), count),
      },
    ];
  }
  const pending = all.filter(({ state }) => state === 'pending').length;
  if (pending === 0) return [];
  const texts = { expected: 'no migration is pending', found: `${pending} pending` };
  return [{ ...about, code: 'MIGRATIONS_PENDING', ...texts, fix: undefined }];
}

function migrationsTableObject(settings: Settings): string {
  const { schema, table } = migrationsTableName(settings);
  return `table ${readableName(schema)}.${readableName(table)}`;
}

/** @param elsewhere - other schemas that hold the package's tables */
function notInstalled(settings: Settings, elsewhere: readonly string[]): StagedFinding {
  const [other] = elsewhere;
  const isThere = other !== undefined;
  const flags = settings.schemaPassed
    ? settings.schemas.map((schema) => ` --schema ${schema}`).join('')
    : '';
  return {
    stage: 0,
    code: 'NOT_INSTALLED',
    object: migrationsTableObject(settings),
    expected: 'a migrations table that records the migrations',
    found: `no migration is recorded${isThere ? ` here; the tables are in schema ${elsewhere.join(', ')}` : ''}`,
    fix: isThere
      ? `Pass schema: '${other}' (--schema ${other}).`
      : `Call runMigrations(), or run: npx conversion-tracking-schema up${flags}`,
  };
}

/** Every operator is qualified: one of a schema in the search path could run with the caller's privileges. */
function rewriteRows(table: string, count: number): string {
  const names = migrations.slice(0, count).map((one) => literal(one.name));
  const rows = names.map((name) => `(${name}, pg_catalog.timezone('UTC', pg_catalog.now()))`);
  return atomic([
    `DELETE FROM ${table} WHERE name::pg_catalog.text OPERATOR(pg_catalog.=) ANY (ARRAY[${names.join(', ')}]::pg_catalog.text[]);`,
    `INSERT INTO ${table} (name, run_on) VALUES ${rows.join(', ')};`,
  ]);
}

/** The manifest has no description of what a newer version has created. */
function throwIfAhead(
  { migrations: all }: MigrationStatusResult,
  { declaration }: MigrationsTable,
): void {
  const unknown = all.filter(({ state }) => state === 'unknown').map(({ name }) => name);
  if (unknown.length === 0) return;
  throw new DatabaseAheadError(
    `A newer version has applied ${unknown.join(', ')}, which version ${VERSION} does not know.`,
    declaration
      ? `Verify with conversion-tracking-schema ${declaration.release} or newer.`
      : 'Verify with that version.',
    unknown,
    declaration?.compatibleFrom,
  );
}
