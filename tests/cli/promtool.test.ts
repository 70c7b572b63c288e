import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readGuide } from '../support/guide.ts';
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

test('the alert rules of the guide are valid, and read metrics that health prints', async () => {
  const [rules = ''] = readGuide('docs/monitoring.md').blocks('yaml');
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'rules.yml'), rules);
  expect(await run('promtool', ['check', 'rules', 'rules.yml'], { cwd })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('5 rules found'),
  });
  const { db, queue, record } = await emptyQueueDatabase();
  await record(2);
  const [entry] = await queue.claimConversions({ limit: 1 });
  await queue.completeConversions({ ids: [entry?.id ?? ''], request_id: 'R' });
  const { stdout } = await inProcess('health', '--database-url', db.url, '--format', 'prometheus');
  const read = [...rules.matchAll(/conversion_queue_\w+/g)].map(([name]) => name);
  expect(new Set(read).size).toBe(5);
  for (const name of read) expect(stdout).toContain(`\n${name}`);
});
