import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { median } from '../../bench/lines.ts';
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
  expect(row('boot with nothing pending')).toContain(
    `graphile-worker ${counted('graphile-worker')}, postgres-migrations ${counted('postgres-migrations')}, node-pg-migrate and drizzle ${counted('drizzle')}, kysely ${counted('kysely')}, pg-boss ${counted('pg-boss')}`,
  );
  expect(counted('node-pg-migrate')).toBe(counted('drizzle'));
});

test('the replicas that fail are those that were counted', () => {
  const { samples } = measured('replicas', '20 processes, empty, failed');
  const without = ['conversion-tracking-schema', 'graphile-worker', 'pg-boss', 'kysely'];
  for (const tool of without) expect(Math.max(...(samples[tool] ?? [])), tool).toBe(0);
  const failed = (tool: string) => Math.round(median(samples[tool]));
  expect(row('20 replicas boot on an empty database')).toContain(
    `${failed('drizzle')} fail with drizzle, and with node-pg-migrate by default`,
  );
  expect(failed('node-pg-migrate')).toBe(failed('drizzle'));
});
