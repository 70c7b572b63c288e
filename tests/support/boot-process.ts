import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type MigrationEvent, runMigrations } from '../../src/index.ts';

// A application's process: says that it is ready, boots when told to, reports, and ends.
// With `freezeAt` it stops dead at that event, in the middle of its transaction.
const { freezeAt, ...options } = JSON.parse(process.argv[2] ?? '{}');
const lines = createInterface({ input: process.stdin });
lines.once('line', async () => {
  lines.close();
  const events: MigrationEvent[] = [];
  const onEvent = (event: MigrationEvent) => {
    events.push(event);
    const index = 'index' in event ? event.index : 0;
    if (freezeAt?.type === event.type && freezeAt.index === index) {
      writeSync(1, '"frozen"\n');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
  };
  const report = await runMigrations({ ...options, onEvent }).then(
    ({ ran }) => ({ ok: true, ran: ran.map(({ name }) => name) }),
    (error: { code?: string; message?: string }) => ({
      ok: false,
      code: error.code,
      message: error.message,
    }),
  );
  process.stdout.write(`${JSON.stringify({ ...report, events })}\n`);
});
process.stdout.write('ready\n');
