import { beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, createMigratedDatabase, createRole } from '../support/database.ts';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';
import { inProcess } from './cli.ts';

/** Two entries overdue for 27 hours, a dead letter, and three uploaded ones; two of them have been unconfirmed for 3 hours. */
let queue: QueueDatabase;
beforeAll(async () => {
  queue = await emptyQueueDatabase();
  await queue.record(4);
  const [first, second, third, fourth] = await queue.queue.claimConversions();
  const ids = [first?.id ?? '', second?.id ?? ''];
  await queue.queue.completeConversions({ ids, request_id: 'R' });
  await queue.queue.completeConversions({ ids: [third?.id ?? ''] });
  await queue.queue.failConversions({
    ids: [fourth?.id ?? ''],
    lease_id: fourth?.lease_id ?? '',
    error: 'refused',
    permanent: true,
  });
  await queue.record(6);
  await queue.pass('3 hours');
});

const health = (...args: string[]) => inProcess('health', '--database-url', queue.db.url, ...args);

describe('health', () => {
  test('prints a table, and exits with 0 without limits', async () => {
    const { code, stdout, stderr } = await health();
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout
      .split('\n')
      .map((line) => line.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, 'TIME'));
    expect(lines).toEqual([
      'PLATFORM    STATUS       ENTRIES  LEASED  OVERDUE  OLDEST DUE',
      'google_ads  pending      2        0       2        TIME',
      'google_ads  failed       0        0       0',
      'google_ads  dead_letter  1        0       0',
      'google_ads  uploaded     3        0       0',
      '',
      'google_ads: 2 uploaded, not confirmed; the oldest since TIME.',
      '',
    ]);
  });

  test('says that the queue is empty', async () => {
    const empty = await createMigratedDatabase();
    const { code, stdout } = await inProcess('health', '--database-url', empty.url);
    expect([code, stdout]).toEqual([0, 'The queue is empty.\n']);
  });

  test.each([
    ['--max-overdue-minutes', 27 * 60 - 1, 27 * 60 + 1],
    ['--max-dead-letters', 0, 1],
    ['--max-unconfirmed-hours', 2, 4],
  ])('exits with 1 past %s', async (flag, less, more) => {
    const failed = await health(flag, `${less}`);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(
      new RegExp(`^exceeded: ${flag} ${less} by google_ads: [\\d.]+\\.$`, 'm'),
    );
    expect((await health(flag, `${more}`)).code).toBe(0);
    const asMetrics = await health(flag, `${less}`, '--format', 'prometheus');
    expect([asMetrics.code, asMetrics.stderr]).toEqual([1, '']);
  });

  test('compares each platform with a limit', async () => {
    const { code, stdout } = await health('--max-dead-letters', '0', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      exceeded: [{ platform: 'google_ads', flag: '--max-dead-letters', limit: 0, value: 1 }],
    });
  });

  test('is for the owner and service_role: others get a typed error and exit code 2', async () => {
    const role = await createRole();
    const url = queue.db.urlFor(role.name, role.password);
    const { code, stdout } = await inProcess('health', '--database-url', url, '--json');
    expect([code, JSON.parse(stdout).error.code]).toEqual([2, 'PERMISSION_DENIED']);
  });

  test('without migrations exits with 2, and says what to do', async () => {
    const { url } = await createDatabase();
    const { code, stderr } = await inProcess('health', '--database-url', url);
    expect(code).toBe(2);
    expect(stderr).toContain('(FUNCTION_NOT_FOUND, ');
  });

  test('refuses --json with --format prometheus', async () => {
    const { code, stdout } = await inProcess('health', '--format', 'prometheus', '--json');
    expect([code, JSON.parse(stdout).error.code]).toEqual([2, 'USAGE']);
  });
});

describe('health --format prometheus', () => {
  test('prints the numbers of each platform and status, and absent times not at all', async () => {
    const { stdout } = await health('--format', 'prometheus');
    const samples = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const of = (name: string) =>
      samples.filter((sample) => sample.startsWith(`conversion_queue_${name}`));
    expect(of('entries')).toEqual([
      'conversion_queue_entries{platform="google_ads",status="pending"} 2',
      'conversion_queue_entries{platform="google_ads",status="failed"} 0',
      'conversion_queue_entries{platform="google_ads",status="dead_letter"} 1',
      'conversion_queue_entries{platform="google_ads",status="uploaded"} 3',
    ]);
    expect(of('oldest_due_timestamp_seconds')).toHaveLength(1);
    expect(of('unconfirmed')).toEqual([
      'conversion_queue_unconfirmed_entries{platform="google_ads"} 2',
    ]);
    const [, seconds] = of('oldest_unconfirmed')[0]?.split(' ') ?? [];
    expect(Date.now() / 1000 - Number(seconds)).toBeCloseTo(3 * 60 * 60, -2);
    expect(of('read_timestamp_seconds')).toHaveLength(1);
  });
});
