import { Option } from 'commander';
import { UsageError } from './command-line-errors.ts';

/** Parsed flags, named like the API's options. */
export interface Flags {
  databaseUrl?: string;
  schema?: readonly string[];
  createSchema?: boolean;
  migrationsTable?: string;
  count?: number;
  target?: string;
  down?: boolean;
  sql?: boolean;
  dryRun?: boolean;
  allowDataLoss?: boolean;
  yes?: boolean;
  migrationLockTimeoutMs?: number;
  lockTimeoutMs?: number;
  statementTimeoutMs?: number;
  timeoutMs?: number;
  envFile?: string;
  format?: string;
  out?: string;
  check?: boolean;
  force?: boolean;
  maxOverdueMinutes?: number;
  maxDeadLetters?: number;
  maxUnconfirmedHours?: number;
  json?: boolean;
}

/** The name of a flag in {@link Flags}. */
export type FlagName = keyof Flags;

/** The flags of every command that connects to a database. */
export const DATABASE_FLAGS = [
  'databaseUrl',
  'schema',
  'migrationsTable',
  'timeoutMs',
  'envFile',
] as const satisfies readonly FlagName[];

/**
 * Returns a new commander option for a flag; commander does not share options between commands.
 *
 * @param formats - the values of --format for this command; the last one is the default
 */
export function flagOption(name: FlagName, formats: readonly string[] = []): Option {
  const [usage, description, parse] = name === 'format' ? formatFlag(formats) : FLAGS[name];
  const option = new Option(usage, description);
  if (!option.required) return option;
  return option.argParser((value, previous) => {
    const text = requireValue(value, usage);
    return parse ? parse(text, usage, previous) : text;
  });
}

/** Returns a flag as it is typed, with its meaning: `--count <number>  roll back at most…`. */
export function flagUsage(name: FlagName): string {
  const [usage, description] = FLAGS[name];
  return `${usage}  ${description}`;
}

/**
 * Returns the flags that name the database, as they were given, for a command in a hint. A URL is not
 * repeated: it may hold a password.
 */
export function repeatDatabaseFlags({
  databaseUrl,
  schema,
  migrationsTable,
  envFile,
}: Flags): string {
  const quote = (value: string) => (/^[\w./-]+$/.test(value) ? value : `'${value}'`);
  const given = [
    ...(databaseUrl === undefined ? [] : ['--database-url <url>']),
    ...(schema ?? []).map((name) => `--schema ${quote(name)}`),
    ...(migrationsTable === undefined ? [] : [`--migrations-table ${quote(migrationsTable)}`]),
    ...(envFile === undefined ? [] : [`--env-file ${quote(envFile)}`]),
  ];
  return given.map((flag) => ` ${flag}`).join('');
}

/** Refuses a flag as the value of another: `--migrations-table --dry-run` would not be a dry run. */
function requireValue(value: string, usage: string): string {
  if (value !== '' && !value.startsWith('-')) return value;
  const [flag, kind = ''] = usage.split(' ');
  throw new UsageError(`${flag} has no value.`, `Pass ${flag} ${kind}.`);
}

type Parse = (value: string, usage: string, previous: unknown) => unknown;
type Flag = readonly [usage: string, description: string, parse?: Parse];

const FLAGS: Readonly<Record<FlagName, Flag>> = {
  databaseUrl: ['--database-url <url>', 'postgres://user:password@host:5432/database'],
  envFile: ['--env-file <path>', 'read environment variables that are not set from a file'],
  schema: [
    '--schema <name>',
    'schema of the tables (default: TRACKING_SCHEMA or public); repeat it for the schemas in which leads is looked up',
    (value, _, previous) => [...(Array.isArray(previous) ? previous : []), value],
  ],
  createSchema: ['--create-schema', 'create the first schema if it does not exist'],
  migrationsTable: [
    '--migrations-table <name>',
    'table that records the migrations (default: tracking_migrations)',
  ],
  down: ['--down', 'plan a rollback; needs --count or --target'],
  sql: ['--sql', 'print the SQL as a script'],
  count: ['--count <number>', 'maximum number of migrations, or all', parseCount],
  target: ['--target <migration>', 'the last migration that stays applied or is applied'],
  allowDataLoss: ['--allow-data-loss', 'drop tables that hold rows'],
  yes: ['--yes', 'do not ask for confirmation'],
  dryRun: ['--dry-run', 'print what would run, change nothing'],
  migrationLockTimeoutMs: [
    '--migration-lock-timeout-ms <ms>',
    'how long to wait for the migration lock (default: 120000)',
    parseMilliseconds,
  ],
  lockTimeoutMs: [
    '--lock-timeout-ms <ms>',
    'how long a statement may wait for a table lock (default: 500)',
    parseMilliseconds,
  ],
  statementTimeoutMs: [
    '--statement-timeout-ms <ms>',
    'how long a statement may run (default: 0, no limit)',
    parseMilliseconds,
  ],
  timeoutMs: [
    '--timeout-ms <ms>',
    'how long the command may take (default: 300000)',
    parseMilliseconds,
  ],
  format: ['--format <format>', 'the format of the output'],
  out: ['--out <folder>', 'write files to a folder instead of stdout'],
  check: ['--check', 'with --out: exit with 1 if a file is missing or different, write nothing'],
  force: ['--force', 'with --out: overwrite files that have other content'],
  maxOverdueMinutes: [
    '--max-overdue-minutes <minutes>',
    'exit with 1 if an entry has been due for longer',
    parseNumber,
  ],
  maxDeadLetters: [
    '--max-dead-letters <number>',
    'exit with 1 if a platform has more dead letters',
    parseNumber,
  ],
  maxUnconfirmedHours: [
    '--max-unconfirmed-hours <hours>',
    'exit with 1 if an uploaded entry has been unconfirmed for longer',
    parseNumber,
  ],
  json: ['--json', 'print one JSON document'],
};

/** All flags, in the order of the help. */
export const FLAG_NAMES = Object.keys(FLAGS) as readonly FlagName[];

function parseCount(value: string, usage: string): number {
  return value === 'all' ? Number.POSITIVE_INFINITY : parseWholeNumber(value, usage, ', or all');
}

function parseMilliseconds(value: string, usage: string): number {
  return parseWholeNumber(value, usage, ' of milliseconds');
}

function parseNumber(value: string, usage: string): number {
  return parseWholeNumber(value, usage, '');
}

function formatFlag(formats: readonly string[]): Flag {
  const list = formats.join(', ');
  const parse = (value: string) => {
    if (formats.includes(value)) return value;
    throw new UsageError('The value of --format is unknown.', `Pass one of: ${list}.`);
  };
  return [FLAGS.format[0], `${list} (default: ${formats.at(-1)})`, parse];
}

function parseWholeNumber(value: string, usage: string, unit: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  const [flag] = usage.split(' ');
  throw new UsageError(`The value of ${flag} is not a number.`, `Pass a whole number${unit}.`);
}
