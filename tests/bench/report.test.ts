import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderReport } from '../../bench/report/document.ts';
import { readResults } from '../../bench/results.ts';

const ROOT = new URL('../../', import.meta.url);

function report(): Record<string, string> {
  const results = readResults(new URL('bench/results.json', ROOT));
  if (results === undefined) throw new Error('bench/results.json is missing');
  return renderReport(results);
}

test('the report on the benchmarks says what was measured, and nothing else', () => {
  for (const [path, text] of Object.entries(report())) {
    const file = new URL(path, ROOT);
    expect(existsSync(file) && readFileSync(file, 'utf8'), path).toBe(text);
  }
});

test('each chart of the report is shown in it, and there is no other', () => {
  const files = report();
  const shown = files['docs/benchmarks.md']?.matchAll(/\]\((benchmarks\/[^)]+)\)/g) ?? [];
  const charts = readdirSync(new URL('docs/benchmarks/', ROOT)).map((name) => `benchmarks/${name}`);
  expect([...shown].map(([, path]) => path).sort()).toEqual(charts.sort());
});
