import type { LiveInstallCase, LiveInstallResult } from '../live/live-install.ts';
import { median } from '../rounds.ts';
import { count, middle } from './figures.ts';
import { goalTable } from './goals.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

/** What runMigrations() lets a statement wait for a lock, unless it is told otherwise. */
const LOCK_TIMEOUT_MS = 500;

export function liveInstallSection({ rounds, leads, clients, cases }: LiveInstallResult): Section {
  const waits = [...new Set(cases.map(({ blockedMs }) => blockedMs))];
  const longest = longestOf(cases);
  const goals = [
    {
      goal: `no write takes longer than 1.2 times \`lockTimeoutMs\`, ${count(LOCK_TIMEOUT_MS * 1.2)} ms`,
      measured: `the longest of all rounds took ${count(longest)} ms`,
      met: longest <= LOCK_TIMEOUT_MS * 1.2,
    },
  ];
  return {
    goals,
    charts: {},
    markdown: `## Installing beside a busy application

An application's \`leads\` of ${count(leads)} rows, which ${clients} clients of a process of their own insert into and update, each
write a transaction, with 2 ms between them. Meanwhile the schema is installed; its foreign key locks \`leads\`
against writes. ${rounds} interleaved rounds, each on a copy of the same database, with the installer's modules
loaded before; medians, and the longest write of all rounds.

- \`runMigrations()\`, as shipped: a statement waits ${LOCK_TIMEOUT_MS} ms for a lock (\`lockTimeoutMs\`), then all is rolled back
  and tried again later.
- node-pg-migrate's \`runner()\` with \`singleTransaction\`, as its CLI has it, and the same migrations: one plain
  transaction with a \`lock_timeout\` of an hour, which is as good as none. Where there is none, the migration that
  locks \`leads\` sets one of 5 s itself.

${waits.map((blockedMs) => part(cases, blockedMs)).join('\n\n')}

${goalTable(goals)}`,
  };
}

function part(cases: readonly LiveInstallCase[], blockedMs: number): string {
  const own = cases.filter((one) => one.blockedMs === blockedMs);
  const windowMs = own[0]?.windowMs ?? 0;
  const title =
    blockedMs === 0
      ? 'Without other transactions'
      : `Beside a transaction that has written to leads and lasts for ${count(blockedMs / 1000)} s more`;
  return `### ${title}

${table(
  [
    'installer',
    'longest write, ms',
    'longest of all rounds, ms',
    '99.9 % of the writes within, ms',
    `writes within ${count(windowMs / 1000)} s from its start`,
    'installed after, ms',
    'retries',
  ],
  own.map(({ installer, samples }) => {
    const installed = samples.flatMap(({ installedMs }) => installedMs ?? []);
    const retries = samples.flatMap((one) => one.retries ?? []);
    return [
      installer,
      middle(samples.map(({ longestMs }) => longestMs)),
      count(Math.max(...samples.map(({ longestMs }) => longestMs))),
      middle(samples.map(({ slowestMs }) => slowestMs)),
      middle(samples.map(({ writes }) => writes)),
      installed.length > 0 ? count(median(installed)) : '',
      retries.length > 0 ? count(median(retries)) : '',
    ];
  }),
)}`;
}

/** The longest write of all rounds while runMigrations() was at work. */
function longestOf(cases: readonly LiveInstallCase[]): number {
  const own = cases.filter(({ installer }) => installer === 'runMigrations()');
  return Math.max(...own.flatMap(({ samples }) => samples.map(({ longestMs }) => longestMs)));
}
