import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { measureFirstInstall } from './boot/first-install.ts';
import { measureNoopBoot } from './boot/noop-boot.ts';
import { measureReplicas } from './boot/replicas.ts';
import { measureLiveInstall } from './live/live-install.ts';
import { describeMachine } from './machine.ts';
import { installPeers } from './peers.ts';
import { measureClaimGrowth } from './queue/claim-growth.ts';
import { measureThroughput } from './queue/queue-throughput.ts';
import { measureVacuum } from './queue/vacuum.ts';
import { renderReport } from './report/document.ts';
import { type Measured, mergeResults, readResults, writeResults } from './results.ts';
import { SERVER_SETTINGS, startBenchServer } from './server.ts';
import { measurePurge } from './tables/purge.ts';
import { measureVerifyGrowth } from './tables/verify-growth.ts';
import { measureWrites } from './tables/writes.ts';
import { measureWeight } from './weight.ts';

// Usage: npm run bench -- [name...] [--quick | --report]
// Measures all, or those named, and writes bench/results.json and docs/benchmarks.md; a quick run,
// whose figures mean nothing, writes the same below .data/bench instead. --report measures nothing,
// and writes anew what the results say.

const BENCHMARKS: { readonly [Name in keyof Measured]: (bench: Bench) => Promise<Measured[Name]> } =
  {
    'queue-throughput': measureThroughput,
    'claim-growth': measureClaimGrowth,
    purge: measurePurge,
    vacuum: measureVacuum,
    weight: measureWeight,
    'live-install': measureLiveInstall,
    writes: measureWrites,
    'verify-growth': measureVerifyGrowth,
    'noop-boot': measureNoopBoot,
    'first-install': measureFirstInstall,
    replicas: measureReplicas,
  };

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const names = Object.keys(BENCHMARKS) as (keyof Measured)[];
const unknown = positionals.filter((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown.length > 0) {
  throw new Error(`There is no benchmark ${unknown.join(', ')}. There are ${names.join(', ')}.`);
}
const chosen = names.filter((name) => positionals.length === 0 || positionals.includes(name));
const root = fileURLToPath(new URL(values.quick ? '../.data/bench/' : '../', import.meta.url));
const resultsFile = join(root, 'bench', 'results.json');

if (!values.report) await measure();
if (!values.quick) {
  execFileSync('npx', ['biome', 'check', '--write', resultsFile], { stdio: 'inherit' });
}
const results = readResults(resultsFile);
if (results === undefined) throw new Error(`${resultsFile} is missing: measure something first.`);
for (const [path, text] of Object.entries(renderReport(results))) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function measure(): Promise<void> {
  if (chosen.includes('queue-throughput')) installPeers();
  const call = { startedAt: new Date().toISOString(), commit: checkedOut() };
  const start = performance.now();
  const say = (line: string) => {
    const seconds = Math.round((performance.now() - start) / 1000);
    process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
  };
  const server = await startBenchServer();
  try {
    const place = {
      machine: describeMachine(),
      postgres: { version: server.version, settings: SERVER_SETTINGS },
    };
    for (const name of chosen) {
      say(`== ${name}`);
      const measured = await BENCHMARKS[name]({ server, quick: values.quick, say });
      const before = readResults(resultsFile);
      const after = { ...place, calls: { [name]: call }, benchmarks: { [name]: measured } };
      writeResults(resultsFile, mergeResults(before, after));
    }
  } finally {
    await server.stop();
  }
}

/** With a plus where files differ from it, those apart that a measurement writes. */
function checkedOut(): string | undefined {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changes = git(
      'status',
      '--porcelain',
      '--',
      ':/',
      ':!/bench/results.json',
      ':!/docs/benchmarks*',
    );
    return `${git('rev-parse', '--short=10', 'HEAD')}${changes === '' ? '' : '+'}`;
  } catch {
    return undefined;
  }
}
