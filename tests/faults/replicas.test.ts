import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { type BootReport, startBoots } from '../support/boots.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { tally } from '../support/tally.ts';

const NAMES = migrations.map(({ name }) => name);
const REPLICAS = 100;

function survivors(reports: readonly (BootReport | undefined)[]): number {
  return reports.filter((report) => report?.ok).length;
}

async function recorded(db: TestDatabase): Promise<unknown[]> {
  const rows = await db.query('SELECT name FROM tracking_migrations ORDER BY id');
  return rows.map(({ name }) => name);
}

describe(`${REPLICAS} processes that boot at the same instant`, () => {
  test.each([
    ['on an empty database', 0],
    ['with one migration pending', NAMES.length - 1],
    ['on an up-to-date database', NAMES.length],
  ])('all succeed %s', async (what, applied) => {
    const db = await createDatabase();
    if (applied > 0) await runMigrations({ databaseUrl: db.url, count: applied });
    const boots = await startBoots(REPLICAS, { databaseUrl: db.url });
    const started = performance.now();
    for (const boot of boots) boot.go();
    const reports = await Promise.all(boots.map(({ report }) => report));
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    tally({
      fault: `${REPLICAS} processes at once, ${what}`,
      tried: REPLICAS,
      survived: survivors(reports),
      note: `all done ${seconds} s after the start`,
    });
    expect(reports.filter((report) => !report?.ok)).toEqual([]);
    const ran = reports.flatMap((report) => report?.ran ?? []);
    expect(ran).toEqual(NAMES.slice(applied));
    expect(await recorded(db)).toEqual(NAMES);
  });
});

test("the API and node-pg-migrate's CLI at once: each migration is applied once", async () => {
  const db = await createDatabase();
  const boots = await startBoots(8, { databaseUrl: db.url });
  const clis = Array.from({ length: 4 }, () => runCli(db));
  for (const boot of boots) boot.go();
  const reports = await Promise.all(boots.map(({ report }) => report));
  const codes = await Promise.all(clis);
  tally({
    fault: "8 API calls and 4 of node-pg-migrate's CLI at once",
    tried: boots.length + clis.length,
    survived: survivors(reports) + codes.filter((code) => code === 0).length,
  });
  expect(survivors(reports)).toBe(boots.length);
  expect(codes).toEqual(clis.map(() => 0));
  expect(await recorded(db)).toEqual(NAMES);
});

function runCli(db: TestDatabase): Promise<number | null> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const child = spawn(
    process.execPath,
    [
      'node_modules/node-pg-migrate/bin/node-pg-migrate.js',
      'up',
      '-f',
      'node-pg-migrate.config.js',
    ],
    { cwd: root, env: { ...process.env, DATABASE_URL: db.url }, stdio: 'ignore' },
  );
  return new Promise((resolve) => child.once('close', resolve));
}
