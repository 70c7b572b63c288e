import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { chartSpecs, drawnFrom } from '../../bench/report/charts.ts';
import { renderPage } from '../../bench/report/page.ts';
import { readResults } from '../../bench/results.ts';

const DOCS = new URL('../../docs/', import.meta.url);
const PAGE = readFileSync(new URL('benchmarks.md', DOCS), 'utf8');
const results = readResults(new URL('../../bench/results.json', import.meta.url));
if (results === undefined) throw new Error('bench/results.json is missing');

test('the page on the benchmarks says what was measured, and nothing else', () => {
  expect(PAGE).toBe(renderPage(results));
});

test('its charts are drawn from what was measured', () => {
  for (const [name, spec] of Object.entries(chartSpecs(results))) {
    const svg = readFileSync(new URL(`benchmarks/${name}.svg`, DOCS), 'utf8');
    expect(svg, name).toContain(drawnFrom(spec));
  }
});

test('it shows each chart, and there is no other', () => {
  const shown = [...PAGE.matchAll(/\]\(benchmarks\/(.+)\.svg\)/g)].map(([, name]) => name);
  const files = readdirSync(new URL('benchmarks/', DOCS)).map((name) => name.replace('.svg', ''));
  expect(shown.sort()).toEqual(files.sort());
  expect(shown.sort()).toEqual(Object.keys(chartSpecs(results)).sort());
});

test('it is short: tables aside, at most 1,200 words', () => {
  const prose = PAGE.split('\n').filter((line) => !line.startsWith('|'));
  expect(prose.join(' ').split(/\s+/).length).toBeLessThanOrEqual(1200);
});
