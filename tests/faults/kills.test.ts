import { describe, expect, test } from 'vitest';
import { type RunMigrationsOptions, runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { startBoots } from '../support/boots.ts';
import { snapshot } from '../support/catalogue.ts';
import { createDatabase, type TestDatabase, withClient } from '../support/database.ts';
import { useEmbeddedServer } from '../support/own-server.ts';
import { untilSession, WAITS_FOR_LOCK } from '../support/sessions.ts';
import { tally } from '../support/tally.ts';

const COUNT = migrations.length;
/** Before each migration, which is after the one ahead of it, and after the last. */
const MOMENTS = [
  ...migrations.map((_, position) => ({ type: 'applying' as const, index: position + 1 })),
  { type: 'applied' as const, index: COUNT },
];

/** Whether nothing of a killed run is there, and the next one does everything. */
async function recovers(db: TestDatabase, before: readonly string[]): Promise<boolean> {
  const after = await snapshot(db);
  if (JSON.stringify(after) !== JSON.stringify(before)) return false;
  const { ran } = await runMigrations({ databaseUrl: db.url, migrationLockTimeoutMs: 10_000 });
  return ran.length === COUNT;
}

const HOLDER = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

async function waitForHolder(db: TestDatabase): Promise<number> {
  for (;;) {
    const [row] = await db.query<{ pid: number }>(HOLDER);
    if (row) return row.pid;
  }
}

async function untilGone(db: TestDatabase): Promise<void> {
  while ((await db.query(HOLDER)).length > 0);
}

describe('a migrator that is killed', () => {
  test('by SIGKILL, at any moment, leaves nothing, and the next one does it all', async () => {
    let survived = 0;
    for (const freezeAt of MOMENTS) {
      const db = await createDatabase();
      const before = await snapshot(db);
      const [boot] = await startBoots(1, { databaseUrl: db.url, freezeAt });
      boot?.go();
      expect(await boot?.report).toBe('frozen');
      boot?.process.kill('SIGKILL');
      await untilGone(db);
      if (await recovers(db, before)) survived += 1;
    }
    tally({ fault: 'SIGKILL at each migration and between them', tried: MOMENTS.length, survived });
    expect(survived).toBe(MOMENTS.length);
  });

  test('in its connection, by pg_terminate_backend, gets a typed error', async () => {
    let survived = 0;
    for (const moment of MOMENTS) {
      const db = await createDatabase();
      const before = await snapshot(db);
      let killed: Promise<unknown> | undefined;
      const options: RunMigrationsOptions = {
        databaseUrl: db.url,
        onEvent(event) {
          if (event.type !== moment.type || event.index !== moment.index) return;
          killed = db.query(`SELECT pg_terminate_backend(pid) FROM (${HOLDER}) holder`);
        },
      };
      const error = await runMigrations(options).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      await killed;
      // The kill travels on a connection of its own: the run may have been faster.
      const code = (error as { code?: string } | undefined)?.code;
      if (error === undefined || code === 'CONNECTION_LOST') {
        await untilGone(db);
        const complete = (await runMigrations({ databaseUrl: db.url })).alreadyApplied.length;
        if (error === undefined ? complete === COUNT : complete === 0) survived += 1;
      }
      expect(before.length).toBeGreaterThan(0);
    }
    tally({ fault: 'pg_terminate_backend at each', tried: MOMENTS.length, survived });
    expect(survived).toBe(MOMENTS.length);
  });

  test('while the server works for it frees the lock within about a second', async () => {
    const db = await createDatabase();
    await db.query(
      'CREATE TABLE leads (id uuid PRIMARY KEY); INSERT INTO leads VALUES (gen_random_uuid())',
    );
    const seconds = await withClient(db.url, async (application) => {
      await application.query('BEGIN; UPDATE leads SET id = id');
      const [boot] = await startBoots(1, { databaseUrl: db.url, lockTimeoutMs: 600_000 });
      boot?.go();
      const pid = await waitForHolder(db);
      await untilSession(db, `pid = ${pid} AND ${WAITS_FOR_LOCK}`);
      const killed = performance.now();
      boot?.process.kill('SIGKILL');
      await untilGone(db);
      await application.query('ROLLBACK');
      await runMigrations({ databaseUrl: db.url });
      return (performance.now() - killed) / 1000;
    });
    tally({
      fault: 'SIGKILL while the server waits for a lock',
      tried: 1,
      survived: 1,
      note: `the next boot has succeeded ${seconds.toFixed(2)} s after the kill`,
    });
    expect(seconds).toBeLessThan(10);
  });
});

test('an immediate restart of the server in the middle leaves nothing, and the next run does it all', async () => {
  const server = await useEmbeddedServer();
  let survived = 0;
  const moments = MOMENTS.filter(({ index }) => [1, 4, COUNT].includes(index));
  for (const moment of moments) {
    let restarted: Promise<void> | undefined;
    const error = await runMigrations({
      databaseUrl: server.url,
      onEvent(event) {
        if (event.type !== moment.type || event.index !== moment.index) return;
        restarted = server.crashAndRestart();
      },
    }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    await restarted;
    const { ran } = await runMigrations({ databaseUrl: server.url });
    const lost = (error as { code?: string } | undefined)?.code === 'CONNECTION_LOST';
    // During the commit the crash may come after it: then all is there, and its answer is lost.
    const committing = moment.type === 'applied' && moment.index === COUNT;
    const expected = committing && ran.length === 0 ? lost || error === undefined : lost;
    if (expected && (committing || ran.length === COUNT)) survived += 1;
    await runMigrations({
      databaseUrl: server.url,
      direction: 'down',
      count: Number.POSITIVE_INFINITY,
    });
  }
  tally({ fault: 'immediate restart of the server', tried: moments.length, survived });
  expect(survived).toBe(moments.length);
});
