import { beforeAll, describe, expect, test } from 'vitest';
import { migrationStatus, runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { VERSION } from '../../src/version.ts';
import { createDatabase, createMigratedDatabase, type TestDatabase } from '../support/database.ts';
import { packageVersion } from '../support/package-version.ts';

type Package = typeof import('../../src/index.ts');

const NAMES = migrations.map(({ name }) => name);
const NEWER = '20991231000000000_from-the-future';

let upToDate: TestDatabase;
/** A later version, whose schema is backward compatible with this one. */
let minor: Package;
beforeAll(async () => {
  upToDate = await createMigratedDatabase();
  minor = await laterVersion('1.1.0', '1.0.0');
});

/** A later version, whose migration drops a column and replaces two indexes. */
function laterVersion(version: string, compatibleFrom: string): Promise<Package> {
  const source = `
import { recordInUtc, secureMigrationsTable } from './shared/migrations-table.ts';

export function up(pgm) {
  recordInUtc(pgm);
  pgm.dropColumns('conversions', ['consent_ad_personalization']);
  pgm.dropIndex('visitors', [], { name: 'idx_visitors_gclid' });
  pgm.createIndex('visitors', ['gclid', 'created_at'], { name: 'idx_visitors_gclid' });
  pgm.dropIndex('tracking_events', [], { name: 'idx_tracking_events_event_name' });
  pgm.createIndex('tracking_events', 'event_id', { name: 'idx_tracking_events_event_id' });
  secureMigrationsTable(pgm, ${JSON.stringify({ release: version, head: NEWER, compatibleFrom })});
}

export function down(pgm) {
  secureMigrationsTable(pgm);
  pgm.dropIndex('tracking_events', [], { name: 'idx_tracking_events_event_id' });
  pgm.createIndex('tracking_events', 'event_name', { name: 'idx_tracking_events_event_name' });
  pgm.dropIndex('visitors', [], { name: 'idx_visitors_gclid' });
  pgm.createIndex('visitors', 'gclid', { name: 'idx_visitors_gclid', where: 'gclid IS NOT NULL' });
  pgm.addColumns('conversions', { consent_ad_personalization: { type: 'text' } });
  pgm.addConstraint('conversions', 'conversions_consent_ad_personalization_check', {
    check: "consent_ad_personalization IN ('granted', 'denied')",
  });
}
`;
  return packageVersion({ version, more: { [NEWER]: source } });
}

/** A database that says it was migrated by a newer version. */
async function ahead(compatibleFrom: string | undefined): Promise<TestDatabase> {
  const db = await createDatabase(upToDate);
  const declaration = compatibleFrom
    ? ` {"release":"9.0.0","head":"${NEWER}","compatibleFrom":"${compatibleFrom}"}`
    : '';
  await db.query(`
    INSERT INTO tracking_migrations (name, run_on) VALUES ('${NEWER}', now());
    COMMENT ON TABLE tracking_migrations IS 'Records which migrations have run.${declaration}'`);
  return db;
}

describe('a database that a newer version has migrated', () => {
  test('is accepted while it is backward compatible with this version', async () => {
    const db = await createDatabase(upToDate);
    expect(await minor.runMigrations({ databaseUrl: db.url })).toMatchObject({
      ran: [{ name: NEWER }],
      alreadyApplied: NAMES,
    });
    const { ran, alreadyApplied } = await runMigrations({ databaseUrl: db.url });
    expect([ran, alreadyApplied]).toEqual([[], NAMES]);
    expect((await migrationStatus({ databaseUrl: db.url })).verdict).toBe('ready');
  });

  test('is refused once it no longer is', async () => {
    const major = await laterVersion('2.0.0', '2.0.0');
    const db = await createDatabase(upToDate);
    await major.runMigrations({ databaseUrl: db.url });
    await expect(runMigrations({ databaseUrl: db.url })).rejects.toMatchObject({
      code: 'DATABASE_AHEAD',
      unknown: [NEWER],
      compatibleFrom: '2.0.0',
      hint: 'Deploy conversion-tracking-schema 2.0.0 or newer.',
    });
    expect((await migrationStatus({ databaseUrl: db.url })).verdict).toBe('incompatible');
  });

  test('is refused when it declares nothing, or something unreadable', async () => {
    const db = await ahead(undefined);
    await expect(runMigrations({ databaseUrl: db.url })).rejects.toMatchObject({
      code: 'DATABASE_AHEAD',
      compatibleFrom: undefined,
    });
    await db.query('COMMENT ON TABLE tracking_migrations IS \'x {"compatibleFrom": 1}\'');
    await expect(runMigrations({ databaseUrl: db.url })).rejects.toMatchObject({
      code: 'DATABASE_AHEAD',
    });
  });

  test('cannot be rolled back by this version, and is left as it was', async () => {
    const db = await ahead(VERSION);
    await expect(
      runMigrations({ databaseUrl: db.url, direction: 'down', count: 1 }),
    ).rejects.toMatchObject({ code: 'DATABASE_AHEAD', unknown: [NEWER] });
    expect(await db.query('SELECT FROM tracking_migrations')).toHaveLength(NAMES.length + 1);
  });

  test('is refused when a migration of this version is missing in it', async () => {
    const db = await ahead(VERSION);
    await db.query('DELETE FROM tracking_migrations WHERE name = $1', [NAMES.at(-1)]);
    const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'MIGRATIONS_TABLE_DAMAGED' });
    expect((error as Error).message).toContain(NAMES.at(-1));
  });
});

describe('a migrations table that does not fit', () => {
  test('with a gap: the missing migration is named', async () => {
    const db = await createDatabase(upToDate);
    await db.query('DELETE FROM tracking_migrations WHERE name = $1', [NAMES[3]]);
    const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'MIGRATIONS_TABLE_DAMAGED' });
    expect((error as Error).message).toContain(`records ${NAMES[4]} where ${NAMES[3]} belongs`);
  });

  test('out of order: the first that is out of place is named', async () => {
    const db = await createDatabase(upToDate);
    await db.query('UPDATE tracking_migrations SET id = id + 100 WHERE name = $1', [NAMES[1]]);
    const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'MIGRATIONS_TABLE_DAMAGED' });
    expect((error as Error).message).toContain(`records ${NAMES[2]} where ${NAMES[1]} belongs`);
  });

  test('that is another table of that name is refused, and left alone', async () => {
    const db = await createDatabase();
    await db.query(
      "CREATE TABLE tracking_migrations (what text); INSERT INTO tracking_migrations VALUES ('mine')",
    );
    await expect(runMigrations({ databaseUrl: db.url })).rejects.toMatchObject({
      code: 'PREFLIGHT_FAILED',
      failures: [{ code: 'MIGRATIONS_TABLE_UNUSABLE' }],
    });
    expect(await db.query('SELECT what FROM tracking_migrations')).toEqual([{ what: 'mine' }]);
  });
});

test('a version with fewer migrations is refused, and upgraded by this one', async () => {
  const older = await packageVersion({ version: '0.9.0', fewer: 1 });
  const db = await createDatabase();
  await older.runMigrations({ databaseUrl: db.url });
  expect(await older.verifySchema({ databaseUrl: db.url })).toMatchObject({ ok: true });
  const { ran } = await runMigrations({ databaseUrl: db.url });
  expect(ran.map(({ name }) => name)).toEqual(NAMES.slice(-1));
  await expect(older.runMigrations({ databaseUrl: db.url })).rejects.toMatchObject({
    code: 'DATABASE_AHEAD',
    compatibleFrom: VERSION,
  });
});

describe('a version that drops a column and replaces indexes', () => {
  let migrated: TestDatabase;
  beforeAll(async () => {
    migrated = await createDatabase();
    await minor.runMigrations({ databaseUrl: migrated.url });
  });

  test('verifies what it leaves, and what was there before it', async () => {
    const db = await createDatabase(migrated);
    expect(await minor.verifySchema({ databaseUrl: db.url })).toEqual({
      ok: true,
      head: NEWER,
      findings: [],
    });
    await minor.runMigrations({ databaseUrl: db.url, direction: 'down', count: 1 });
    const { head, findings } = await minor.verifySchema({ databaseUrl: db.url });
    expect(head).toBe(NAMES.at(-1));
    expect(findings.map(({ code }) => code)).toContain('MIGRATIONS_PENDING');
  });

  test('finds the old index in place of the new one', async () => {
    const db = await createDatabase(migrated);
    await db.query(`
      DROP INDEX idx_visitors_gclid, idx_tracking_events_event_id;
      CREATE INDEX idx_visitors_gclid ON visitors (gclid) WHERE gclid IS NOT NULL`);
    const { findings } = await minor.verifySchema({ databaseUrl: db.url });
    expect(findings.map(({ object }) => object)).toEqual([
      'index public.idx_tracking_events_event_id',
      'index public.idx_visitors_gclid',
    ]);
    for (const { fix } of findings) await db.query(fix ?? '');
    expect((await minor.verifySchema({ databaseUrl: db.url })).ok).toBe(true);
  });

  test('is rolled back beyond the column without asking what it holds', async () => {
    const db = await createDatabase(migrated);
    await db.query(`
      INSERT INTO leads DEFAULT VALUES;
      INSERT INTO conversions (lead_id, conversion_type, idempotency_key, converted_at)
      SELECT id, 'closed', 'k', now() FROM leads`);
    const down = { databaseUrl: db.url, direction: 'down', target: NAMES[4] } as const;
    await expect(minor.runMigrations(down)).rejects.toMatchObject({
      code: 'DATA_LOSS',
      rows: { conversions: 1 },
    });
    await db.query('UPDATE conversions SET converted_at = NULL');
    expect((await minor.runMigrations(down)).ran).toHaveLength(NAMES.length + 1 - 5);
  });
});

test('the last migration declares this version, with itself as the head', async () => {
  const [row] = await upToDate.query<{ comment: string }>(
    "SELECT obj_description('tracking_migrations'::regclass) AS comment",
  );
  const declaration: unknown = JSON.parse(/\{.*\}$/.exec(row?.comment ?? '')?.[0] ?? '{}');
  expect(declaration).toEqual({ release: VERSION, head: NAMES.at(-1), compatibleFrom: VERSION });
});
