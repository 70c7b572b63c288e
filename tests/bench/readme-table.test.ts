import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compare, median } from '../../bench/lines.ts';
import { readResults, type SectionName } from '../../bench/results.ts';

const ROOT = new URL('../../', import.meta.url);
const README = readFileSync(new URL('README.md', ROOT), 'utf8');
const results = readResults(new URL('bench/results.json', ROOT));

/** A line of the table that compares with others. */
function row(name: string): string {
  return README.split('\n').find((line) => line.startsWith(`| ${name} |`)) ?? '';
}

function measured(section: SectionName, what: string) {
  const line = results?.sections[section]?.lines.find((one) => one.what === what);
  if (line === undefined) throw new Error(`${section} has no line "${what}"`);
  return line;
}

test('the statements of a boot are those that were counted', () => {
  const { samples } = measured('boot', 'statements');
  const counted = (tool: string) => samples[tool]?.[0];
  expect(counted('conversion-tracking-schema')).toBe(1);
  expect(row('boot with nothing to do')).toContain(
    `graphile-worker ${counted('graphile-worker')}, pg-boss ${counted('pg-boss')}, postgres-migrations ${counted('postgres-migrations')}, node-pg-migrate and drizzle ${counted('drizzle')}, kysely ${counted('kysely')}`,
  );
  expect(counted('node-pg-migrate')).toBe(counted('drizzle'));
});

test('the replicas that fail are those that were counted', () => {
  const { samples } = measured('replicas', '20 processes, empty, failed');
  const without = ['conversion-tracking-schema', 'graphile-worker', 'pg-boss', 'kysely'];
  for (const tool of without) expect(Math.max(...(samples[tool] ?? [])), tool).toBe(0);
  const failed = (tool: string) => Math.round(median(samples[tool]));
  expect(row('many replicas boot at once')).toContain(
    `of 20 on an empty database ${failed('node-pg-migrate')} with node-pg-migrate and ${failed('drizzle')} with drizzle`,
  );
});

test('the times of a first install are those that were measured', () => {
  const line = measured('install', 'warm, 20 ms away');
  const beside = (tool: string, digits: number) =>
    compare(line, tool, 'one script')?.cost.toFixed(digits);
  const text = row('first install, 20 ms away');
  expect(text).toContain(`| ${beside('conversion-tracking-schema', 1)} times one script |`);
  expect(text).toContain(`drizzle ${beside('drizzle', 1)} times`);
  expect(text).toContain(`node-pg-migrate ${beside('node-pg-migrate', 0)} |`);
});
