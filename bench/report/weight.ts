import type { WeightFigures, WeightResult } from '../weight.ts';
import { count, megabytes, middle, ratio } from './figures.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

export function weightSection({ rounds, pg, figures }: WeightResult): Section {
  const [alone, ...others] = figures;
  if (alone === undefined) throw new Error('pg alone was not measured');
  const versions = [...new Set(others.map((one) => `${one.package} ${one.version}`))];
  const row = (one: WeightFigures): string[] => [
    one === alone ? `pg ${pg} alone` : one.imports.map((name) => `\`${name}\``).join(', '),
    count(one.packages),
    megabytes(one.bytes),
    megabytes(one.ownBytes),
    `${middle(one.cpuMs)} (${ratio(one.cpuMs, alone.cpuMs)})`,
    `${middle(one.ms)} (${ratio(one.ms, alone.ms)})`,
  ];
  return {
    goals: [],
    charts: {},
    markdown: `## Install and import

What an application with pg takes on: packages and the bytes of their files, beside pg's own; and importing pg and
then this, in a new process each time. ${rounds} interleaved rounds; medians, and beside them how many times as much
as pg alone in the same round. CPU time suffers less from other work on the machine. Imported is what an
application names at boot, and of ours also what a worker of the queue names. What is loaded only once there is something
to migrate, as node-pg-migrate is by ours, does not count.

Versions: ${versions.join(', ')}.

${table(
  ['imported after pg', 'packages', 'installed', 'of it its own', 'ms of CPU to import', 'ms'],
  figures.map(row),
)}

${boughtIn(figures)}`,
  };
}

/** Most of ours is node-pg-migrate's. */
function boughtIn(figures: readonly WeightFigures[]): string {
  const find = (name: string): WeightFigures => {
    const found = figures.find((one) => one.package === name);
    if (found === undefined) throw new Error(`${name} was not measured`);
    return found;
  };
  const [ours, theirs] = [find('conversion-tracking-schema'), find('node-pg-migrate')];
  const share = Math.round((100 * theirs.bytes) / ours.bytes);
  return `Of our ${count(ours.packages)} packages ${count(theirs.packages)} are node-pg-migrate and what it depends on, ${share} % of the bytes.`;
}
