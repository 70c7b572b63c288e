import type { QueueHealth } from '../../queue/index.ts';
import type { CommandDefinition } from '../command.ts';
import { UsageError } from '../command-line-errors.ts';
import type { FlagName, Flags } from '../flags.ts';
import { prometheusText } from '../prometheus-text.ts';
import type { QueueHealthReading } from '../read-queue-health.ts';
import { countOf, type Styles, singleLine } from '../terminal.ts';

/** Reports on the upload queue. */
export const health: CommandDefinition = {
  name: 'health',
  summary: 'report on the upload queue',
  details:
    'Changes nothing. Prints the entries of each platform by status, and what is unconfirmed. With a --max flag, exits with 1 if a platform exceeds it. --format prometheus prints the text format of Prometheus, for the textfile collector.',
  flags: [
    'databaseUrl',
    'schema',
    'timeoutMs',
    'envFile',
    'format',
    'maxOverdueMinutes',
    'maxDeadLetters',
    'maxUnconfirmedHours',
    'json',
  ],
  formats: ['prometheus', 'table'],
  example: '--max-overdue-minutes 60 --max-dead-letters 0',
  runsMigrations: false,
  async run(flags, { signal, styles }) {
    const { databaseUrl, schema, timeoutMs, format = 'table', json = false } = flags;
    if (json && format === 'prometheus') {
      throw new UsageError(
        '--json and --format prometheus exclude each other.',
        'Pass one of them.',
      );
    }
    const { readQueueHealth } = await import('../read-queue-health.ts');
    const reading = await readQueueHealth({ databaseUrl, schema, timeoutMs, signal });
    const exceeded = exceededLimits(reading, flags);
    const ok = exceeded.length === 0;
    const text =
      format === 'prometheus' ? prometheusText(reading) : tableOf(reading, exceeded, styles);
    return { json: { ok, ...reading, exceeded }, text, ok };
  },
};

/** A limit that a platform exceeds. */
interface ExceededLimit {
  readonly platform: string;
  readonly flag: string;
  readonly limit: number;
  readonly value: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What each limit is compared with, in one row of the health. */
const LIMITS = [
  {
    name: 'maxOverdueMinutes',
    flag: '--max-overdue-minutes',
    measure: ({ oldest_due }: QueueHealth, now: Date) => since(oldest_due, now, MINUTE_MS),
  },
  {
    name: 'maxDeadLetters',
    flag: '--max-dead-letters',
    measure: ({ status, entries }: QueueHealth) => (status === 'dead_letter' ? entries : 0),
  },
  {
    name: 'maxUnconfirmedHours',
    flag: '--max-unconfirmed-hours',
    measure: ({ oldest_unconfirmed }: QueueHealth, now: Date) =>
      since(oldest_unconfirmed, now, HOUR_MS),
  },
] as const satisfies readonly {
  readonly name: FlagName;
  readonly flag: string;
  readonly measure: unknown;
}[];

function since(time: Date | null, now: Date, unitMs: number): number {
  return time === null ? 0 : Math.max(0, (now.getTime() - time.getTime()) / unitMs);
}

function exceededLimits({ now, health }: QueueHealthReading, flags: Flags): ExceededLimit[] {
  const platforms = [...new Set(health.map(({ platform }) => platform))];
  return platforms.flatMap((platform) =>
    LIMITS.flatMap(({ name, flag, measure }) => {
      const limit = flags[name];
      const rows = health.filter((row) => row.platform === platform);
      const value = Math.max(...rows.map((row) => measure(row, now)));
      if (limit === undefined || value <= limit) return [];
      return [{ platform, flag, limit, value: Math.round(value * 10) / 10 }];
    }),
  );
}

const HEAD = ['PLATFORM', 'STATUS', 'ENTRIES', 'LEASED', 'OVERDUE', 'OLDEST DUE'];

function tableOf(
  { health }: QueueHealthReading,
  exceeded: readonly ExceededLimit[],
  styles: Styles,
): string {
  if (health.length === 0) return 'The queue is empty.\n';
  const rows = health.map((row) => [
    singleLine(row.platform),
    row.status,
    `${row.estimated ? '~' : ''}${row.entries}`,
    `${row.leased}`,
    `${row.overdue}`,
    row.oldest_due?.toISOString() ?? '',
  ]);
  const widths = HEAD.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map(({ length }) => length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const unconfirmed = health.flatMap(describeUnconfirmed);
  const limits = exceeded.map(
    ({ platform, flag, limit, value }) =>
      `${styles.error('exceeded')}: ${flag} ${limit} by ${singleLine(platform)}: ${value}.`,
  );
  return [
    styles.dim(line(HEAD)),
    ...rows.map(line),
    ...(unconfirmed.length > 0 ? ['', ...unconfirmed] : []),
    ...(limits.length > 0 ? ['', ...limits] : []),
    '',
  ].join('\n');
}

function describeUnconfirmed(row: QueueHealth): string[] {
  const { unconfirmed, oldest_unconfirmed, expired_requests } = row;
  const platform = singleLine(row.platform);
  return [
    ...(unconfirmed > 0
      ? [
          `${platform}: ${unconfirmed} uploaded, not confirmed; the oldest since ${oldest_unconfirmed?.toISOString()}.`,
        ]
      : []),
    ...(expired_requests > 0
      ? [`${platform}: ${countOf(expired_requests, 'request')} expired without a result.`]
      : []),
  ];
}
