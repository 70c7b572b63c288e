import { readdirSync } from 'node:fs';
import { MigrationBuilder } from 'node-pg-migrate';
import { describe, expect, test } from 'vitest';
import { moduleOf } from '../../src/schema/migration-modules.ts';
import { type Migration, migrations } from '../../src/schema/migrations.ts';

/**
 * A released migration never changes: databases that have run it would never see the change. Each
 * one's SQL is pinned in the folder released/. For a new migration, run
 * `npx vitest run tests/contract/released-sql.test.ts`, which writes its file, and commit that;
 * with `CI=true` nothing is written. To change a migration that no release has shipped yet, add
 * `-u`.
 */
const RELEASED = new URL('./released/', import.meta.url);
const MIGRATIONS = new URL('../../migrations/', import.meta.url);

type Database = ConstructorParameters<typeof MigrationBuilder>[0];

/** No server is asked: what a migration sends must not depend on the database. */
const OFFLINE = {
  query: async () => ({ rows: [], rowCount: 0 }),
  select: async () => [],
} as unknown as Database;

const SILENT = { info() {}, warn() {}, error() {} };

const NAMES = migrations.map(({ name }) => name);

test.each(migrations)('$name sends the SQL that was released', async (migration) => {
  await expect(await sqlOf(migration)).toMatchFileSnapshot(`./released/${migration.name}.sql`);
});

test('no released migration has gone', () => {
  const known = NAMES.map((name) => `${name}.sql`);
  expect(filesIn(RELEASED).filter((file) => !known.includes(file))).toEqual([]);
});

test.each(migrations)('$name sends the same SQL whenever it is asked', async (migration) => {
  expect(await sqlOf(migration)).toBe(await sqlOf(migration));
});

describe('the folder migrations', () => {
  test('holds exactly the migrations of the list, in its order', () => {
    expect(filesIn(MIGRATIONS)).toEqual(NAMES.map((name) => `${name}.ts`));
  });

  test.each(NAMES)('%s begins with 17 digits that are a time in UTC', (name) => {
    const prefix = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})_[a-z]+(-[a-z0-9]+)*$/.exec(name);
    const [year, month, day, hour, minute, second, ms] = prefix?.slice(1, 8) ?? [];
    const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`;
    expect(new Date(iso).toJSON()).toBe(iso);
  });

  test('has prefixes that grow from one to the next', () => {
    const prefixes = NAMES.map((name) => Number(name.slice(0, 17)));
    expect(prefixes).toEqual([...new Set(prefixes)].sort((a, b) => a - b));
  });
});

async function sqlOf(migration: Migration): Promise<string> {
  const { up, down } = moduleOf(migration);
  const parts = [];
  for (const [direction, action] of Object.entries({ up, down })) {
    const builder = new MigrationBuilder(OFFLINE, {}, false, SILENT);
    await action(builder);
    const usesTransaction = builder.isUsingTransaction() ? '' : ', outside a transaction';
    parts.push(`-- ${direction}${usesTransaction}\n${builder.getSqlSteps().join('\n')}\n`);
  }
  return parts.join('\n');
}

/** Names of files, in order, without folders. */
function filesIn(folder: URL): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}
