import type { NoopFigures, NoopResult } from '../boot/noop-boot.ts';
import { barChart } from './bar-chart.ts';
import { medianRatio, middle, times } from './figures.ts';
import { aheadOfAll, type Goal, goalTable } from './goals.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

const OURS = 'conversion-tracking-schema';

type Setting = 'process' | 'warm' | 'remote';

export function noopBootSection(result: NoopResult): Section {
  const { roundTripMs, settleMs, migrations, versions, figures } = result;
  const [bare, left, ...tools] = figures;
  if (bare === undefined || left === undefined) throw new Error('nothing was booted');
  const settings: readonly { readonly setting: Setting; readonly name: string }[] = [
    { setting: 'process', name: 'new process' },
    { setting: 'warm', name: 'warm' },
    { setting: 'remote', name: `warm, ${roundTripMs} ms away` },
  ];
  const relative = (one: NoopFigures, setting: Setting): number | undefined =>
    one[setting].length === 0 ? undefined : medianRatio(one[setting], bare[setting]);
  const cell = (one: NoopFigures, setting: Setting): string => {
    const value = relative(one, setting);
    return value === undefined ? '–' : `${middle(one[setting])} (${times(value)})`;
  };
  const [, ...rest] = tools;
  const goals = goalsOf({ bare, left, ours: tools[0], others: rest }, settings);
  return {
    goals,
    charts: {
      'noop-boot.svg': barChart({
        title: 'A boot with nothing to do, against a bare connection',
        label: 'times as long as connecting, SELECT 1 and closing',
        groups: [left, ...tools].map(({ tool }) => tool),
        series: settings.map(({ setting, name }) => ({
          name,
          values: [left, ...tools].map((one) => relative(one, setting)),
        })),
        mark: 1,
      }),
    },
    markdown: `## A boot with nothing to do

What an application pays at each start once its database is up to date, in ms, against a bare \`pg\` client that
connects, sends SELECT 1 and closes. Medians of ${bare.process.length} interleaved rounds in new processes, ${bare.warm.length} warm and ${bare.remote.length} over a
network; in brackets how many times as long as the bare client in the same round.

- New process: from the start of a Node process, which loads the tool, boots and ends, to its end. All are
  plain JavaScript, with the same few lines around them.
- Warm: one call in a process that has made some before; each opens a connection and closes it, ${settleMs} ms
  after the call before. The bare client waits until the server has closed it, as it does for drizzle and
  postgres-migrations, which are given a client; the others, and ours, send Terminate without
  waiting, as a pool of pg does. A second bare client does the same, and has a goal of its own.
- ${roundTripMs} ms away: the same through a proxy that holds everything back for ${roundTripMs / 2} ms each way. Opening a connection
  takes one round trip more, and logging in with scram-sha-256 takes three.
- Statements: what the server's log says that a new process has sent; several in one message are one.

conversion-tracking-schema is \`runMigrations()\`, and \`conversion-tracking-schema up\` as "CLI". node-pg-migrate
${versions['node-pg-migrate']} gets its ${migrations} migrations from the package; kysely ${versions.kysely}, drizzle ${versions['drizzle-orm']} and postgres-migrations
${versions['postgres-migrations']} get the same SQL, one file for each migration as each tool wants it. graphile-worker ${versions['graphile-worker']}
(\`runMigrations()\`) and pg-boss ${versions['pg-boss']} (\`start()\` and \`stop()\`, with \`supervise\` and \`schedule\` off) look at
their own schema; what else \`start()\` does is in its figure.

${table(
  ['boot', ...settings.map(({ name }) => name), 'statements'],
  figures.map((one) => [
    one.tool,
    ...settings.map(({ setting }) => cell(one, setting)),
    String(one.statements),
  ]),
)}

![Each boot against a bare connection](benchmarks/noop-boot.svg)

${goalTable(goals)}`,
  };
}

/** Where the time of a new process goes that a warm call does not take. */
const LOADING = 'the rest is loading its files, as "Install and import" has it';

const LIMITS: Readonly<Record<Setting, number | undefined>> = {
  process: 1.1,
  warm: 1.05,
  remote: undefined,
};

function goalsOf(
  {
    bare,
    left,
    ours,
    others,
  }: {
    readonly bare: NoopFigures;
    readonly left: NoopFigures;
    readonly ours: NoopFigures | undefined;
    readonly others: readonly NoopFigures[];
  },
  settings: readonly { readonly setting: Setting; readonly name: string }[],
): Goal[] {
  if (ours?.tool !== OURS) throw new Error(`no figures of ${OURS}`);
  // Its CLI is not a peer of its function.
  const peers = others.filter(({ tool }) => !tool.startsWith(OURS));
  const limits = settings.flatMap(({ setting, name }) => {
    const limit = LIMITS[setting];
    if (limit === undefined) return [];
    const value = medianRatio(ours[setting], bare[setting]);
    return [
      {
        goal: `${name}: at most ${times(limit)}`,
        measured: times(value),
        met: value <= limit,
        limit: setting === 'process' ? LOADING : undefined,
      },
    ];
  });
  const besideLeft = settings.flatMap(({ setting, name }) => {
    if (setting === 'process') return [];
    const value = medianRatio(ours[setting], left[setting]);
    return [
      {
        goal: `${name}, beside a bare client that does not wait at the end either: at most ${times(1.05)}`,
        measured: times(value),
        met: value <= 1.05,
        limit: 'its statement reads a table, where the other has SELECT 1',
      },
    ];
  });
  return [
    ...limits,
    ...besideLeft,
    { goal: 'one statement', measured: String(ours.statements), met: ours.statements === 1 },
    ...settings.map(({ setting, name }) => ({
      ...aheadOfAll(
        `${name}: ahead of every other tool`,
        medianRatio(ours[setting], bare[setting]),
        peers
          .filter((one) => one[setting].length > 0)
          .map((one) => ({
            name: one.tool,
            value: medianRatio(one[setting], bare[setting]),
          })),
        times,
      ),
      limit: setting === 'process' ? LOADING : undefined,
    })),
  ];
}
