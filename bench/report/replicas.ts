import type { DatabaseState, ReplicasFigures, ReplicasResult } from '../boot/replicas.ts';
import { median } from '../rounds.ts';
import { barChart } from './bar-chart.ts';
import { count, medianRatio, middle, ratio, times } from './figures.ts';
import { aheadOfAll, type Goal, goalTable } from './goals.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

const BARE = 'bare pg';
const OURS = 'conversion-tracking-schema';
/** What the same migrations take without a tool. */
const LEAST = 'one script, under a lock';
const LIMIT = 1.3;

export function replicasSection({ versions, figures }: ReplicasResult): Section {
  const sizes = [...new Set(figures.map(({ processes }) => processes))];
  const parts = sizes.map((processes) => {
    const own = figures.filter((one) => one.processes === processes);
    const goals = goalsOf(own).map((one) => ({
      ...one,
      goal: `${processes} processes, ${one.goal}`,
    }));
    const chart = `replicas-${processes}.svg`;
    const markdown = `### ${processes} processes

${own[0]?.samples.length} interleaved rounds.

${sizeTable(own)}

![Time until ${processes} processes are done](benchmarks/${chart})

${goalTable(goals)}`;
    return { goals, markdown, charts: { [chart]: sizeChart(processes, own) } };
  });
  return {
    goals: parts.flatMap(({ goals }) => goals),
    charts: Object.assign({}, ...parts.map(({ charts }) => charts)),
    markdown: `## Replicas that boot at one instant

So many processes, each of which loads its modules and says so; when all have, all are told to boot. The
times, in ms, are from that signal until the last of them is done; after "with start" they are from the
start of the first process, and have all loading in them, and waiting for the slowest.${
      figures.some((one) => cpuSeconds(one) === undefined)
        ? ''
        : ` CPU is that of
the processes and the server together, from the signal on, and suffers less from other work on the machine.`
    } Medians, and in
brackets how many times as long as bare clients in the same round, which connect, send SELECT 1 and close.
Failed are processes whose boot ends in an error, in all rounds together.

Tools and migrations are those of "A boot with nothing to do". node-pg-migrate ${versions['node-pg-migrate']} stops where another runs,
unless it is told to wait. graphile-worker ${versions['graphile-worker']} and pg-boss ${versions['pg-boss']} install a schema of their own on the empty
database. "One script, under a lock" shows what these migrations take without a tool: a bare client looks whether they
are there, else waits in the server for a lock, looks again, and sends all of them in one message. It and the bare
clients wait until the server has closed the connection, as in "A boot with nothing to do". A hundred processes are for
those that are quickest with twenty.

Beside that script, conversion-tracking-schema loads what a run needs, looks at the database and sends its statements
one by one; its waiters poll the lock, where the script's clients queue for it.

${parts.map(({ markdown }) => markdown).join('\n\n')}${errorList(figures)}`,
  };
}

function sizeTable(figures: readonly ReplicasFigures[]): string {
  const tools = [...new Set(figures.map(({ tool }) => tool))];
  const columns = ['empty', 'up to date'] as const;
  const cpuIsKnown = figures.every((one) => cpuSeconds(one) !== undefined);
  return table(
    [
      'boot',
      ...columns.flatMap((database) => [
        `${database}: failed`,
        `${database}: ms`,
        `${database}: with start`,
        ...(cpuIsKnown ? [`${database}: s of CPU`] : []),
      ]),
    ],
    tools.map((tool) => [
      tool,
      ...columns.flatMap((database) => {
        const own = find(figures, tool, database);
        const bare = find(figures, BARE, database);
        const left = own.samples.filter(({ complete }) => !complete).length;
        const all = own.processes * own.samples.length;
        return [
          `${count(failures(own))} of ${count(all)}${left > 0 ? `; ${left} times incomplete` : ''}`,
          `${middle(fromSignal(own))} (${ratio(fromSignal(own), fromSignal(bare))})`,
          `${middle(fromStart(own))} (${ratio(fromStart(own), fromStart(bare))})`,
          ...cpuCell(own, bare),
        ];
      }),
    ]),
  );
}

function sizeChart(processes: number, figures: readonly ReplicasFigures[]): string {
  const tools = [...new Set(figures.map(({ tool }) => tool))];
  return barChart({
    title: `${processes} processes that boot at one instant`,
    label: 'ms until the last of them is done, failed or not',
    groups: tools,
    series: (['empty', 'up to date'] as const).map((database) => ({
      name: database === 'empty' ? 'empty database' : database,
      values: tools.map((tool) => median(fromSignal(find(figures, tool, database)))),
    })),
    mark: median(fromSignal(find(figures, BARE, 'up to date'))),
    digits: 0,
  });
}

function goalsOf(figures: readonly ReplicasFigures[]): Goal[] {
  const empty = find(figures, OURS, 'empty');
  const upToDate = find(figures, OURS, 'up to date');
  const failed = failures(empty) + failures(upToDate);
  const value = medianRatio(fromSignal(upToDate), fromSignal(find(figures, BARE, 'up to date')));
  const peers = figures.filter(
    (one) =>
      one.database === 'empty' && ![BARE, OURS, LEAST].includes(one.tool) && failures(one) === 0,
  );
  const least = median(fromSignal(find(figures, LEAST, 'empty')));
  const ahead = (goal: string, others: readonly ReplicasFigures[]) =>
    aheadOfAll(
      goal,
      median(fromSignal(empty)),
      others.map((one) => ({ name: one.tool, value: median(fromSignal(one)) })),
      (ms) => `${count(ms)} ms`,
    );
  const same = peers.filter(({ schema }) => schema === 'migrations');
  return [
    { goal: 'no process fails', measured: `${failed} failed`, met: failed === 0 },
    {
      goal: `up to date: at most ${times(LIMIT)} of bare clients`,
      measured: times(value),
      met: value <= LIMIT,
    },
    {
      ...ahead('empty: ahead of every other tool without failures', peers),
      limit: `the same migrations take one script under a lock ${count(least)} ms`,
    },
    ...(same.length > 0 ? [ahead('empty: ahead of those with the same migrations', same)] : []),
  ];
}

/** What the failures say. */
function errorList(figures: readonly ReplicasFigures[]): string {
  const lines = figures.flatMap(({ tool, processes, database, errors }) =>
    errors
      .slice(0, 3)
      .map(
        ({ message, count: often }) =>
          `- ${tool}, ${processes} processes, ${database}: ${count(often)} × \`${message.replaceAll('`', "'")}\``,
      ),
  );
  return lines.length === 0
    ? ''
    : `\n\n### What the failures say\n\nThe three most frequent of each:\n\n${lines.join('\n')}`;
}

function find(
  figures: readonly ReplicasFigures[],
  tool: string,
  database: DatabaseState,
): ReplicasFigures {
  const found = figures.find((one) => one.tool === tool && one.database === database);
  if (found === undefined) throw new Error(`no figures of ${tool}, ${database}`);
  return found;
}

function failures({ samples }: ReplicasFigures): number {
  return samples.reduce((sum, { failed }) => sum + failed, 0);
}

function cpuCell(own: ReplicasFigures, bare: ReplicasFigures): string[] {
  const [seconds, ofBare] = [cpuSeconds(own), cpuSeconds(bare)];
  return seconds && ofBare ? [`${middle(seconds)} (${ratio(seconds, ofBare)})`] : [];
}

/** Undefined where the system has not told. */
function cpuSeconds({ samples }: ReplicasFigures): number[] | undefined {
  const known = samples.flatMap(({ cpuMs }) => (cpuMs === undefined ? [] : [cpuMs / 1_000]));
  return known.length === samples.length ? known : undefined;
}

function fromSignal({ samples }: ReplicasFigures): number[] {
  return samples.map(({ ms }) => ms);
}

function fromStart({ samples }: ReplicasFigures): number[] {
  return samples.map(({ msFromStart }) => msFromStart);
}
