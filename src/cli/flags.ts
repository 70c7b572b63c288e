import { Option } from 'commander';
import type { SqlFormat } from '../index.ts';
import { UsageError } from './command-line-error.ts';

/** Flags as parsed: where the API has an option that means the same, it has the same name. */
export interface Flags {
  databaseUrl?: string;
  schema?: readonly string[];
  createSchema?: boolean;
  migrationsTable?: string;
  count?: number;
  target?: string;
  down?: boolean;
  dryRun?: boolean;
  allowDataLoss?: boolean;
  migrationLockTimeoutMs?: number;
  lockTimeoutMs?: number;
  statementTimeoutMs?: number;
  timeoutMs?: number;
  envFile?: string;
  format?: SqlFormat;
  out?: string;
  force?: boolean;
  json?: boolean;
}

/** One of {@link Flags}. */
export type FlagName = keyof Flags;

/** Flags that say which database, for every command that needs one. */
export const DATABASE_FLAGS = [
  'databaseUrl',
  'schema',
  'migrationsTable',
  'timeoutMs',
  'envFile',
] as const satisfies readonly FlagName[];

/** A flag of its own for each command: commander keeps the place of an option in it. */
export function option(name: FlagName): Option {
  const [usage, description, parse] = FLAGS[name];
  const made = new Option(usage, description);
  if (!made.required) return made;
  return made.argParser((value, previous) => {
    const given = givenValue(value, usage);
    return parse ? parse(given, usage, previous) : given;
  });
}

/** The next flag is no value: `--migrations-table --dry-run` would migrate for real. */
function givenValue(value: string, usage: string): string {
  if (value !== '' && !value.startsWith('-')) return value;
  const [flag, kind = ''] = usage.split(' ');
  throw new UsageError(`${flag} has no value.`, `Pass ${flag} ${kind}.`);
}

type Parse = (value: string, usage: string, previous: unknown) => unknown;

const FORMATS: readonly string[] = ['supabase', 'numbered', 'script'] satisfies SqlFormat[];

const FLAGS: Readonly<Record<FlagName, readonly [string, string, Parse?]>> = {
  databaseUrl: ['--database-url <url>', 'postgres://user:password@host:5432/database'],
  envFile: ['--env-file <path>', 'a file of settings for what the environment lacks'],
  schema: [
    '--schema <name>',
    'schema to create in (default: public); given again, a schema to look up leads in',
    (value, _, previous) => [...(Array.isArray(previous) ? previous : []), value],
  ],
  createSchema: ['--create-schema', 'create the first schema if it is missing'],
  migrationsTable: [
    '--migrations-table <name>',
    'the migrations table (default: tracking_migrations)',
  ],
  down: ['--down', 'plan the way back; needs --count or --target'],
  count: ['--count <number>', 'how many migrations at most, or all', countOf],
  target: ['--target <migration>', 'the migration that shall be the last one applied'],
  allowDataLoss: ['--allow-data-loss', 'drop tables though they hold rows'],
  dryRun: ['--dry-run', 'say what would run, and change nothing'],
  migrationLockTimeoutMs: [
    '--migration-lock-timeout-ms <ms>',
    'longest wait for another migrator (default: 120000)',
    millisecondsOf,
  ],
  lockTimeoutMs: [
    '--lock-timeout-ms <ms>',
    'longest wait of one statement for a lock on a table (default: 500)',
    millisecondsOf,
  ],
  statementTimeoutMs: [
    '--statement-timeout-ms <ms>',
    'longest time for one statement (default: 0, no limit)',
    millisecondsOf,
  ],
  timeoutMs: [
    '--timeout-ms <ms>',
    'longest time for the whole run (default: 300000)',
    millisecondsOf,
  ],
  format: ['--format <format>', `${FORMATS.join(', ')} (default: script)`, formatOf],
  out: ['--out <folder>', 'write files there instead of printing'],
  force: ['--force', 'with --out: overwrite files that have other content'],
  json: ['--json', 'print one JSON document'],
};

/** Every flag, in the order in which help lists them. */
export const FLAG_NAMES = Object.keys(FLAGS) as readonly FlagName[];

function countOf(value: string, usage: string): number {
  return value === 'all' ? Number.POSITIVE_INFINITY : wholeNumber(value, usage, ', or all');
}

function millisecondsOf(value: string, usage: string): number {
  return wholeNumber(value, usage, ' of milliseconds');
}

function formatOf(value: string): string {
  if (FORMATS.includes(value)) return value;
  throw new UsageError('There is no such --format.', `Pass one of: ${FORMATS.join(', ')}.`);
}

function wholeNumber(value: string, usage: string, kind: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  const [flag] = usage.split(' ');
  throw new UsageError(`The value of ${flag} is not a number.`, `Pass a whole number${kind}.`);
}
