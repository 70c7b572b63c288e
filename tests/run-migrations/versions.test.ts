import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { VERSION } from '../../src/version.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const NAMES = migrations.map(({ name }) => name);
const NEWER = '20991231000000000_from-the-future';

let upToDate: TestDatabase;
beforeAll(async () => {
  upToDate = await createDatabase();
  await runMigrations({ databaseUrl: upToDate.url });
});

/** A database that a newer version has migrated. */
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
  test('is accepted when it declares that it serves this version', async () => {
    const db = await ahead(VERSION);
    const { ran, alreadyApplied } = await runMigrations({ databaseUrl: db.url });
    expect([ran, alreadyApplied]).toEqual([[], NAMES]);
  });

  test('is refused when it serves newer versions only', async () => {
    const db = await ahead('8.5.0');
    await expect(runMigrations({ databaseUrl: db.url })).rejects.toMatchObject({
      code: 'DATABASE_AHEAD',
      unknown: [NEWER],
      compatibleFrom: '8.5.0',
      hint: 'Deploy conversion-tracking-schema 9.0.0 or newer.',
    });
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
    expect(error).toMatchObject({ code: 'MIGRATIONS_TABLE_MISMATCH' });
    expect((error as Error).message).toContain(NAMES.at(-1));
  });
});

describe('a migrations table that does not fit', () => {
  test('with a gap: the missing migration is named', async () => {
    const db = await createDatabase(upToDate);
    await db.query('DELETE FROM tracking_migrations WHERE name = $1', [NAMES[3]]);
    const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'MIGRATIONS_TABLE_MISMATCH' });
    expect((error as Error).message).toContain(`records ${NAMES[4]} where ${NAMES[3]} belongs`);
  });

  test('out of order: the first that is out of place is named', async () => {
    const db = await createDatabase(upToDate);
    await db.query('UPDATE tracking_migrations SET id = id + 100 WHERE name = $1', [NAMES[1]]);
    const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'MIGRATIONS_TABLE_MISMATCH' });
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

test('the last migration declares its release, with itself as the head', async () => {
  const [row] = await upToDate.query<{ comment: string }>(
    "SELECT obj_description('tracking_migrations'::regclass) AS comment",
  );
  const declaration: unknown = JSON.parse(/\{.*\}$/.exec(row?.comment ?? '')?.[0] ?? '{}');
  // A release without migrations declares nothing: the one whose section names the head did.
  const sections = readFileSync(new URL('../../CHANGELOG.md', import.meta.url), 'utf8').split(
    '\n## [',
  );
  const release = sections.find((text) => text.includes(`${NAMES.at(-1)}`))?.split(']')[0];
  expect(declaration).toEqual({ release, head: NAMES.at(-1), compatibleFrom: '0.1.0' });
});
