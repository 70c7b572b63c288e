import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { migrationSteps } from '../../src/schema/migration-steps.ts';
import { type Migration, migrations } from '../../src/schema/migrations.ts';
import released from './released.json' with { type: 'json' };

const NAMES = migrations.map(({ name }) => name);
const PINS: Readonly<Record<string, string>> = released;

async function hashOf(migration: Migration | undefined): Promise<string> {
  const sql = migration ? (await migrationSteps(migration, 'up')).join('\n') : '';
  return createHash('sha256').update(sql).digest('hex');
}

describe('the folder migrations', () => {
  test('holds exactly the migrations of the list, in its order', () => {
    const files = readdirSync(new URL('../../migrations/', import.meta.url));
    expect(files.filter((file) => file.endsWith('.ts')).sort()).toEqual(
      NAMES.map((name) => `${name}.ts`),
    );
  });

  test.each(NAMES)('%s begins with 17 digits that are a time in UTC', (name) => {
    const prefix = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})_[a-z]+(-[a-z0-9]+)*$/.exec(name);
    const [year, month, day, hour, minute, second, ms] = prefix?.slice(1, 8) ?? [];
    const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`;
    expect(new Date(iso).toJSON()).toBe(iso);
  });

  test('has prefixes that grow from one migration to the next', () => {
    const prefixes = NAMES.map((name) => Number(name.slice(0, 17)));
    expect(prefixes).toEqual([...new Set(prefixes)].sort((a, b) => a - b));
  });
});

test.each(migrations)('$name sends the same SQL whenever it is asked', async (migration) => {
  expect(await hashOf(migration)).toBe(await hashOf(migration));
});

test('a released migration keeps its SQL', async () => {
  const present = await Promise.all(
    Object.keys(PINS).map(async (name) => [
      name,
      await hashOf(migrations.find((migration) => migration.name === name)),
    ]),
  );
  expect(Object.fromEntries(present)).toEqual(PINS);
});
