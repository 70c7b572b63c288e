import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BENCH_NODE, installPeers, isInstalled, pinnedVersions } from './peers.ts';
import { writeReport } from './report/write-report.ts';
import { SECTIONS, type SectionName } from './results.ts';
import { runSections } from './run-sections.ts';

// Usage: npm run bench -- [boot|install|replicas|queue|growth|visitors...] [--quick | --report]
// Measures all sections, or those named, and writes bench/results.json, docs/benchmarks.md and its
// charts. A quick run, whose figures mean nothing, needs nothing that is not installed and writes
// results below .data/bench alone. --report measures nothing, and writes the page anew.

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(SECTIONS as readonly string[]).includes(name));
if (unknown.length > 0) {
  throw new Error(`There is no benchmark ${unknown.join(', ')}. There are ${SECTIONS.join(', ')}.`);
}
const names = positionals.length === 0 ? SECTIONS : (positionals as SectionName[]);

if (!values.quick) installPeers();
if (isInstalled('node') && process.versions.node !== pinnedVersions().node) {
  // All sides run on the Node that the newest of them need.
  const args = ['--import', 'tsx', fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  process.exitCode = spawnSync(BENCH_NODE, args, { stdio: 'inherit' }).status ?? 1;
} else {
  const folder = values.quick ? '../.data/bench/' : './';
  const file = fileURLToPath(new URL(`${folder}results.json`, import.meta.url));
  if (!values.report) await runSections(names, file, values.quick);
  if (!values.quick) await writeReport(file);
}
