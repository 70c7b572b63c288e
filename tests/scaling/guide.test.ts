import { expect, test } from 'vitest';
import { median } from '../../bench/lines.ts';
import { count } from '../../bench/report/markdown.ts';
import { readResults } from '../../bench/results.ts';
import { GUIDE, section, snippetsOf } from './guide.ts';

const RUN = ['Read replicas', 'Failover', 'Events elsewhere', 'One schema for each tenant'];

test('every snippet of the guide is in a section that is run', () => {
  const all = [...GUIDE.matchAll(/^```\w+$/gm)];
  expect(RUN.flatMap(snippetsOf)).toHaveLength(all.length);
});

test('the figures of the benchmarks are those that were measured last', () => {
  const { columns = [], lines = [] } =
    readResults(new URL('../../bench/results.json', import.meta.url))?.sections.growth ?? {};
  const [smallest, largest] = [columns[0]?.name ?? '', columns.at(-1)?.name ?? ''];
  const figure = (what: string, unit: string, size: string) => {
    const line = lines.find((one) => one.what === what && one.unit === unit);
    return `${count(median(line?.samples[size]))} ${unit}`;
  };
  const rows = section('How big it gets').split('\n');
  const row = (name: string) => rows.find((line) => line.startsWith(`| \`${name}\``)) ?? '';
  const claim = 'claim_conversions, 100 entries';
  expect(row('claim_conversions')).toContain(
    `${figure(claim, 'buffers', smallest)} at ${smallest} rows, ${figure(claim, 'buffers', largest)} at ${largest} rows: ${figure(claim, 'ms', largest)}`,
  );
  expect(row('conversion_queue_health')).toContain(
    `${figure('conversion_queue_health', 'ms', largest)} at ${largest} rows`,
  );
  const purge = 'purge_tracking_data, 1,000 rows';
  expect(row('purge_tracking_data')).toContain(`1,000 rows: ${figure(purge, 'ms', largest)}`);
});
