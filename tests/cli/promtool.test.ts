import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/process.ts';
import { emptyQueueDatabase } from '../support/queue.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { needPromtool } from '../support/tools.ts';
import { inProcess } from './cli.ts';

await needPromtool();

test('health --format prometheus is valid, even with a platform whose name has to be escaped', async () => {
  const { db, queue, record } = await emptyQueueDatabase();
  await record(2, ['google_ads', 'a"b\\c\nd']);
  const [entry] = await queue.claimConversions();
  await queue.completeConversions({ ids: [entry?.id ?? ''], request_id: 'R' });
  const { stdout } = await inProcess('health', '--database-url', db.url, '--format', 'prometheus');
  expect(stdout).toContain('{platform="a\\"b\\\\c\\nd",status="pending"} 2');
  expect(stdout).toContain('conversion_queue_oldest_unconfirmed_timestamp_seconds{');
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'metrics.prom'), stdout);
  const check = await run('sh', ['-c', 'promtool check metrics < metrics.prom'], { cwd });
  expect(check).toEqual({ code: 0, stdout: '', stderr: '' });
});
