import { execFileSync } from 'node:child_process';
import type { Bench } from './bench.ts';
import { measureBoot } from './boot/boot.ts';
import { type Boots, buildBoots } from './boot/build-boots.ts';
import { measureInstall } from './boot/install.ts';
import { measureReplicas } from './boot/replicas.ts';
import { measureGrowth } from './growth/growth.ts';
import type { SectionResult } from './lines.ts';
import { describeMachine } from './machine.ts';
import { isInstalled, pinnedVersions } from './peers.ts';
import { measureQueue } from './queue/queue.ts';
import { addSection, type SectionName } from './results.ts';
import { startBenchServer } from './server.ts';
import { measureVisitors } from './visitors/visitors.ts';

const MEASURES: Readonly<Record<SectionName, (bench: Bench) => Promise<SectionResult>>> = {
  boot: measureBoot,
  install: measureInstall,
  replicas: measureReplicas,
  queue: measureQueue,
  growth: measureGrowth,
  visitors: measureVisitors,
};

/** Measures sections one after the other on a server of their own, and adds each to the results. */
export async function runSections(
  names: readonly SectionName[],
  file: string,
  quick: boolean,
): Promise<void> {
  const run = { startedAt: new Date().toISOString(), commit: checkedOut() };
  const start = performance.now();
  const secondsFrom = (began: number) => Math.round((performance.now() - began) / 1000);
  const say = (line: string) => {
    process.stderr.write(`${String(secondsFrom(start)).padStart(5)} s  ${line}\n`);
  };
  const server = await startBenchServer();
  let boots: Promise<Boots> | undefined;
  const bench: Bench = {
    server,
    quick,
    say,
    has: isInstalled,
    boots: () => {
      boots ??= server.createEmptyDatabase('bench_planned').then(buildBoots);
      return boots;
    },
  };
  try {
    const place = { machine: describeMachine(), postgres: server.version };
    for (const name of names) {
      say(`== ${name}`);
      const began = performance.now();
      const measured = await MEASURES[name](bench);
      const section = { ...run, seconds: secondsFrom(began), ...measured };
      addSection(file, { ...place, versions: pinnedVersions(), sections: { [name]: section } });
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
    const written = [':!/bench/results.json', ':!/docs/benchmarks*'];
    const changes = git('status', '--porcelain', '--', ':/', ...written);
    return `${git('rev-parse', '--short=10', 'HEAD')}${changes === '' ? '' : '+'}`;
  } catch {
    return undefined;
  }
}
