import { median } from '../rounds.ts';
import type { PurgeResult } from '../tables/purge.ts';
import { count, megabytes, middle, ratio } from './figures.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

export function purgeSection({ rounds, visitors, events, figures }: PurgeResult): Section {
  const [shipped] = figures;
  if (shipped === undefined) throw new Error('no way to delete was measured');
  return {
    goals: [],
    charts: {},
    markdown: `## Deleting old visitors and events

${count(visitors)} visitors with ${count(events)} events, all of them old, after a checkpoint. ${rounds} interleaved rounds; medians, and
beside them how many times as much as the first way in the same round.

${table(
  ['way', 'WAL', 'ms', 'statements', 'longest statement, ms'],
  figures.map(({ way, walBytes, ms, statements, longestStatementMs }) => [
    way,
    `${megabytes(median(walBytes))} (${ratio(walBytes, shipped.walBytes)})`,
    `${middle(ms)} (${ratio(ms, shipped.ms)})`,
    count(statements),
    middle(longestStatementMs),
  ]),
)}`,
  };
}
