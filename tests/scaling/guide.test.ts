import { expect, test } from 'vitest';
import { readResults } from '../../bench/results.ts';
import { GUIDE, section, snippetsOf } from './guide.ts';

const RUN = ['Read replicas', 'Failover', 'Events elsewhere', 'One schema for each tenant'];

test('every snippet of the guide is in a section that is run', () => {
  const all = [...GUIDE.matchAll(/^```\w+$/gm)];
  expect(RUN.flatMap(snippetsOf)).toHaveLength(all.length);
});

test('the figures of the benchmarks are those that were measured last', () => {
  const { benchmarks } = readResults(new URL('../../bench/results.json', import.meta.url)) ?? {};
  const { 'claim-growth': growth, purge } = benchmarks ?? {};
  const sizes = growth?.growth.find(({ mix }) => mix === 'mixed')?.sizes;
  const [smallest, largest] = [sizes?.at(0), sizes?.at(-1)];
  const [batches] = purge?.figures ?? [];
  const count = (value = 0) => Math.round(value).toLocaleString('en');
  const rows = section('Growth').split('\n');
  const row = (name: string) => rows.find((line) => line.startsWith(`| \`${name}\``)) ?? '';
  for (const part of [smallest, largest]) {
    const figure = `${count(part?.call.buffers)} buffers at ${count(part?.rows)} rows`;
    expect(row('claim_conversions')).toContain(figure);
  }
  expect(row('conversion_queue_health')).toContain(
    `${count(largest?.health.ms)} ms at ${count(largest?.rows)} rows`,
  );
  const deleted = (purge?.visitors ?? 0) + (purge?.events ?? 0);
  expect(row('purge_tracking_data')).toContain(`${count(deleted)} rows`);
  const megabytes = (batches?.walBytes ?? []).toSorted((a, b) => a - b);
  expect(row('purge_tracking_data')).toContain(
    `${count((megabytes[Math.floor(megabytes.length / 2)] ?? 0) / 1e6)} MB of WAL`,
  );
});
