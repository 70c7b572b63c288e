import { createInterface } from 'node:readline';
import { runMigrations } from '../../src/index.ts';

// A host application's process: says that it is ready, boots when told to, reports, and ends.
const options = JSON.parse(process.argv[2] ?? '{}');
const lines = createInterface({ input: process.stdin });
lines.once('line', async () => {
  lines.close();
  const events: unknown[] = [];
  const report = await runMigrations({ ...options, onEvent: (event) => events.push(event) }).then(
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
