import type { InstallFigures, InstallResult } from '../boot/first-install.ts';
import { barChart } from './bar-chart.ts';
import { medianRatio, middle, ratio, times } from './figures.ts';
import { goalTable } from './goals.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

const OURS = 'conversion-tracking-schema';
const LIMIT = 1.3;

const SETTINGS = [
  { setting: 'warm', name: () => 'warm' },
  { setting: 'remote', name: (roundTripMs: number) => `warm, ${roundTripMs} ms away` },
  { setting: 'process', name: () => 'new process' },
] as const;

export function firstInstallSection(result: InstallResult): Section {
  const { roundTripMs, migrations, versions, figures } = result;
  const [script] = figures;
  const ours = figures.find(({ tool }) => tool === OURS);
  if (script === undefined || ours === undefined) throw new Error('nothing was installed');
  const rows = (schema: InstallFigures['schema']) =>
    figures
      .filter((one) => one.schema === schema)
      .map((one) => [
        one.tool,
        ...SETTINGS.map(
          ({ setting }) => `${middle(one[setting])} (${ratio(one[setting], script[setting])})`,
        ),
        String(one.statements),
      ]);
  const head = (first: string) => [
    first,
    ...SETTINGS.map(({ name }) => name(roundTripMs)),
    'statements',
  ];
  const value = medianRatio(ours.warm, script.warm);
  const goals = [
    {
      goal: `warm: at most ${times(LIMIT)} of the script`,
      measured: times(value),
      met: value <= LIMIT,
    },
  ];
  return {
    goals,
    charts: {
      'first-install.svg': barChart({
        title: 'A first install of the same migrations, against one script',
        label: 'times as long as the same SQL in one message',
        groups: figures.filter(({ schema }) => schema === 'migrations').map(({ tool }) => tool),
        series: SETTINGS.map(({ setting, name }) => ({
          name: name(roundTripMs),
          values: figures
            .filter(({ schema }) => schema === 'migrations')
            .map((one) => medianRatio(one[setting], script[setting])),
        })),
        mark: 1,
      }),
    },
    markdown: `## A first install

From an empty database to a complete one, in ms, with connecting and closing, against the same SQL sent as
one script by a bare \`pg\` client, which waits until the server has closed the connection: all that \`runMigrations()\` sends from BEGIN to COMMIT, as
\`planMigrations()\` says it. Medians of ${script.warm.length} interleaved rounds in a process that has made an install before, ${script.remote.length} with
${roundTripMs} ms to the server and back, and ${script.process.length} in new processes; in brackets how many times as long as the
script in the same round. Each round has a new database. The server is durable: \`fsync\` and
\`synchronous_commit\` are on. Settings and statements are as in "A boot with nothing to do".

The SQL of the ${migrations} migrations:

${table(head('install'), rows('migrations'))}

conversion-tracking-schema looks at the database and the privileges before it begins, and records each
migration. Without the pipeline it runs as with releases of pg that have none. node-pg-migrate ${versions['node-pg-migrate']} runs
the migrations of the package in one transaction (\`singleTransaction\`), a statement at a time. The others
send each migration's SQL as one message: postgres-migrations ${versions['postgres-migrations']} in a transaction each, kysely ${versions.kysely} and
drizzle ${versions['drizzle-orm']} in one for all.

![Each install against one script](benchmarks/first-install.svg)

Other schemas, which are other amounts of SQL and do not compare:

${table(head('install'), rows('own'))}

${goalTable(goals)}`,
  };
}
