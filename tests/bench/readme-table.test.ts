import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { medianRatio } from '../../bench/report/figures.ts';
import { readResults } from '../../bench/results.ts';

const ROOT = new URL('../../', import.meta.url);
const README = readFileSync(new URL('README.md', ROOT), 'utf8');
const { benchmarks } = readResults(new URL('bench/results.json', ROOT)) ?? {};

/** A line of the table that compares with others. */
function line(name: string): string {
  return README.split('\n').find((row) => row.startsWith(`| ${name} |`)) ?? '';
}

test('the statements of a boot are those that were counted', () => {
  const figures = benchmarks?.['noop-boot']?.figures ?? [];
  const counted = (tool: string) => figures.find((one) => one.tool === tool)?.statements;
  expect(counted('conversion-tracking-schema')).toBe(1);
  expect(line('boot with nothing to do')).toContain(
    `graphile-worker ${counted('graphile-worker')}, pg-boss ${counted('pg-boss')}, postgres-migrations ${counted('postgres-migrations')}, node-pg-migrate and drizzle ${counted('drizzle')}, kysely ${counted('kysely')}`,
  );
  expect(counted('node-pg-migrate')).toBe(counted('drizzle'));
});

test('the replicas that fail are those that were counted', () => {
  const figures = benchmarks?.replicas?.figures ?? [];
  const failed = (tool: string) =>
    figures
      .filter((one) => one.processes === 20 && one.database === 'empty' && one.tool === tool)
      .flatMap(({ samples }) => samples)
      .reduce((sum, one) => sum + one.failed, 0);
  const without = ['conversion-tracking-schema', 'graphile-worker', 'pg-boss', 'kysely'];
  expect(without.map(failed)).toEqual([0, 0, 0, 0]);
  expect(line('many replicas boot at once')).toContain(
    `of 60 on an empty database ${failed('node-pg-migrate')} with node-pg-migrate and ${failed('drizzle')} with drizzle`,
  );
});

test('the times of a first install are those that were measured', () => {
  const figures = benchmarks?.['first-install']?.figures ?? [];
  const remote = (tool: string) => figures.find((one) => one.tool === tool)?.remote ?? [];
  const beside = (tool: string, digits: number) =>
    medianRatio(remote(tool), remote('one script')).toFixed(digits);
  const row = line('first install, 20 ms away');
  expect(row).toContain(`| ${beside('conversion-tracking-schema', 1)} times one script |`);
  expect(row).toContain(`drizzle ${beside('drizzle', 1)} times`);
  expect(row).toContain(`node-pg-migrate ${beside('node-pg-migrate', 0)} |`);
});
