import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { snapshot } from '../support/catalogue.ts';
import { createDatabase, type TestDatabase, withClient } from '../support/database.ts';
import { untilSession, WAITS_FOR_LOCK } from '../support/sessions.ts';
import { start } from './cli.ts';

const LOCK = 'BEGIN; SELECT pg_advisory_xact_lock(7241865325823964)';

async function withLeads(): Promise<TestDatabase> {
  const db = await createDatabase();
  await db.query('CREATE TABLE leads (id uuid PRIMARY KEY)');
  return db;
}

/** Waits up to five seconds until no session of the command line is in a transaction. */
async function expectNoTransactionLeft(db: TestDatabase): Promise<void> {
  const find = () =>
    db.query(`
      SELECT state, query FROM pg_stat_activity
       WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
         AND application_name <> 'the application'`);
  let left = await find();
  for (let tries = 0; left.length > 0 && tries < 50; tries += 1) {
    await sleep(100);
    left = await find();
  }
  expect(left).toEqual([]);
}

/** Runs `work` while a transaction of the application is open. */
async function whileHeld(db: TestDatabase, sql: string, work: () => Promise<void>): Promise<void> {
  await withClient(db.url, async (host) => {
    await host.query("SET application_name = 'the application'");
    await host.query(sql);
    await work();
    await host.query('ROLLBACK');
  });
}

describe('a signal', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s ends the wait for the migration lock with exit code %d',
    async (signal, exitCode) => {
      const db = await withLeads();
      const before = await snapshot(db);
      await whileHeld(db, LOCK, async () => {
        const cli = start(['up'], { DATABASE_URL: db.url });
        await cli.shows('waiting for the migration lock');
        cli.process.kill(signal);
        const { code, stdout, stderr } = await cli.finished;
        expect([code, stdout]).toEqual([exitCode, '']);
        expect(stderr).toContain(
          'error: The call was aborted. Uncommitted changes were rolled back. (ABORTED)',
        );
        await expectNoTransactionLeft(db);
      });
      expect(await snapshot(db)).toEqual(before);
    },
  );

  test('rolls back while a table is locked, and prints a document with --json', async () => {
    const db = await withLeads();
    const before = await snapshot(db);
    await whileHeld(db, 'BEGIN; LOCK TABLE leads IN ACCESS EXCLUSIVE MODE', async () => {
      const cli = start(['up', '--json', '--lock-timeout-ms', '60000'], { DATABASE_URL: db.url });
      await untilSession(db, WAITS_FOR_LOCK);
      cli.process.kill('SIGINT');
      const { code, stdout, stderr } = await cli.finished;
      expect([code, stderr]).toEqual([130, '']);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ABORTED', retryable: true } });
      await expectNoTransactionLeft(db);
    });
    expect(await snapshot(db)).toEqual(before);
  });

  test('counts once when it arrives twice for one keystroke, as through npx', async () => {
    const db = await withLeads();
    await whileHeld(db, 'BEGIN; LOCK TABLE leads IN ACCESS EXCLUSIVE MODE', async () => {
      const cli = start(['up', '--lock-timeout-ms', '60000'], { DATABASE_URL: db.url });
      await untilSession(db, WAITS_FOR_LOCK);
      cli.process.kill('SIGINT');
      await sleep(50);
      cli.process.kill('SIGINT');
      const { code, stderr } = await cli.finished;
      expect([code, stderr]).toEqual([130, expect.stringContaining('(ABORTED)')]);
    });
  });

  // The first signal ends the call after two seconds, which a busy machine may need to send the second.
  test('exits at once when it arrives a second time, and the server rolls back', {
    retry: 2,
  }, async () => {
    const db = await withLeads();
    const before = await snapshot(db);
    await whileHeld(db, 'BEGIN; LOCK TABLE leads IN ACCESS EXCLUSIVE MODE', async () => {
      const cli = start(['up', '--lock-timeout-ms', '60000'], { DATABASE_URL: db.url });
      await untilSession(db, WAITS_FOR_LOCK);
      cli.process.kill('SIGINT');
      await sleep(600);
      expect(cli.process.exitCode).toBeNull();
      cli.process.kill('SIGINT');
      const { code, stderr } = await cli.finished;
      expect(code).toBe(130);
      // The first one alone would say that it was aborted, two seconds later.
      expect(stderr).not.toContain('ABORTED');
    });
    await expectNoTransactionLeft(db);
    expect(await snapshot(db)).toEqual(before);
  });
});
