import type { Client, ClientConfig, Pool, PoolClient } from 'pg';
import { InvalidOptionError } from './errors.ts';
import type { Logger, MigrationEvent } from './events.ts';
import { checkName } from './names.ts';
import type { RunMigrationsOptions } from './options.ts';
import { MIGRATION_NAMES, migrations } from './schema/migrations.ts';

/** Validated options, with defaults. */
export interface Settings {
  readonly databaseUrl: string | ClientConfig | undefined;
  readonly dbClient: Client | PoolClient | Pool | undefined;
  readonly schemas: readonly [string, ...string[]];
  /** Whether the caller has passed `schema`. */
  readonly schemaPassed: boolean;
  readonly createSchema: boolean;
  readonly migrationsTable: string;
  readonly direction: 'up' | 'down';
  readonly count: number;
  readonly target: string | undefined;
  readonly dryRun: boolean;
  readonly allowDataLoss: boolean;
  readonly migrationLockTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly logger: Logger | undefined;
  readonly onEvent: ((event: MigrationEvent) => unknown) | undefined;
}

const NAMES: readonly (keyof RunMigrationsOptions)[] = [
  'databaseUrl',
  'dbClient',
  'schema',
  'createSchema',
  'migrationsTable',
  'direction',
  'count',
  'target',
  'dryRun',
  'allowDataLoss',
  'migrationLockTimeoutMs',
  'lockTimeoutMs',
  'statementTimeoutMs',
  'timeoutMs',
  'signal',
  'logger',
  'onEvent',
];

/** The limit of setTimeout and of PostgreSQL's timeouts: 2^31 - 1 ms, about 24 days. */
const LONGEST_MS = 2_147_483_647;

/**
 * Validates options and fills in defaults.
 *
 * @param allowed - the options of the call; default: all
 * @throws {InvalidOptionError} for the first option that is unknown, invalid or contradictory
 */
export function resolveOptions(
  options: RunMigrationsOptions,
  allowed: readonly (keyof RunMigrationsOptions)[] = NAMES,
): Settings {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidOptionError('options', 'options is not an object.', 'Pass an object.');
  }
  for (const name of Object.keys(options)) {
    if (!(allowed as readonly string[]).includes(name)) {
      throw new InvalidOptionError(
        name,
        `There is no option ${show(name)}.`,
        `Use one of: ${allowed.join(', ')}.`,
      );
    }
  }
  const direction = options.direction ?? 'up';
  if (direction !== 'up' && direction !== 'down') {
    throw invalid('direction', `direction is ${show(direction)}.`, "Pass 'up' or 'down'.");
  }
  const settings: Settings = {
    databaseUrl: options.databaseUrl,
    dbClient: options.dbClient,
    schemas: schemasOf(options.schema ?? 'public'),
    schemaPassed: options.schema !== undefined,
    createSchema: flag(options, 'createSchema'),
    migrationsTable: checkName('migrationsTable', options.migrationsTable ?? 'tracking_migrations'),
    direction,
    count: countOf(options.count),
    target: targetOf(options.target),
    dryRun: flag(options, 'dryRun'),
    allowDataLoss: flag(options, 'allowDataLoss'),
    migrationLockTimeoutMs: milliseconds(options, 'migrationLockTimeoutMs', 120_000, 0),
    lockTimeoutMs: milliseconds(options, 'lockTimeoutMs', 500, 1),
    statementTimeoutMs: milliseconds(options, 'statementTimeoutMs', 0, 0),
    timeoutMs: milliseconds(options, 'timeoutMs', 300_000, 1),
    signal: signalOf(options.signal),
    logger: loggerOf(options.logger),
    onEvent: callbackOf(options.onEvent),
  };
  refuseContradictions(options, settings);
  return settings;
}

function refuseContradictions(options: RunMigrationsOptions, settings: Settings): void {
  if (options.databaseUrl !== undefined && options.dbClient !== undefined) {
    throw invalid('dbClient', 'Both databaseUrl and dbClient are given.', 'Pass one of them.');
  }
  if (options.count !== undefined && options.target !== undefined) {
    throw invalid('target', 'Both count and target are given.', 'Pass one of them.');
  }
  const { migrationsTable } = settings;
  const tables = migrations.flatMap(({ creates }) => creates);
  const ofTheSchema = tables.includes(migrationsTable.replace(/_pkey$/, ''));
  if (ofTheSchema || migrationsTable.startsWith('idx_')) {
    throw invalid(
      'migrationsTable',
      `migrationsTable is ${show(migrationsTable)}, a table or an index of the schema itself.`,
      'Pass another name, or omit the option.',
    );
  }
  if (settings.direction === 'down' && options.count === undefined && !options.target) {
    throw invalid(
      'count',
      "direction 'down' needs count or target.",
      'Pass count (Infinity for all) or target.',
    );
  }
  if (settings.direction === 'up' && settings.allowDataLoss) {
    throw invalid(
      'allowDataLoss',
      "allowDataLoss is given with direction 'up'.",
      "Omit it, or pass direction: 'down'.",
    );
  }
}

function schemasOf(schema: string | readonly string[]): readonly [string, ...string[]] {
  const all = (Array.isArray(schema) ? schema : [schema]) as readonly string[];
  const [first, ...others] = all.map((name) => checkName('schema', name));
  if (first === undefined) {
    throw invalid('schema', 'schema is an empty array.', 'Pass a schema, or omit the option.');
  }
  if (new Set(all).size !== all.length) {
    throw invalid('schema', 'schema contains a name twice.', 'Pass each name once.');
  }
  return [first, ...others];
}

function countOf(count: number | undefined): number {
  if (count === undefined || count === Number.POSITIVE_INFINITY) {
    return Number.POSITIVE_INFINITY;
  }
  if (!Number.isSafeInteger(count) || count < 1) {
    throw invalid('count', `count is ${show(count)}.`, 'Pass a whole number from 1, or Infinity.');
  }
  return count;
}

function targetOf(target: string | undefined): string | undefined {
  if (target !== undefined && !MIGRATION_NAMES.includes(target)) {
    throw invalid(
      'target',
      `There is no migration ${show(target)}.`,
      `Pass one of: ${MIGRATION_NAMES.join(', ')}.`,
    );
  }
  return target;
}

function flag(
  options: RunMigrationsOptions,
  name: 'createSchema' | 'dryRun' | 'allowDataLoss',
): boolean {
  const value = options[name] ?? false;
  if (typeof value !== 'boolean') {
    throw invalid(name, `${name} is ${show(value)}.`, 'Pass true or false.');
  }
  return value;
}

function milliseconds(
  options: RunMigrationsOptions,
  name: 'migrationLockTimeoutMs' | 'lockTimeoutMs' | 'statementTimeoutMs' | 'timeoutMs',
  fallback: number,
  least: number,
): number {
  const value = options[name] ?? fallback;
  if (!Number.isSafeInteger(value) || value < least || value > LONGEST_MS) {
    throw invalid(
      name,
      `${name} is ${show(value)}.`,
      `Pass whole milliseconds from ${least} to ${LONGEST_MS}.`,
    );
  }
  return value;
}

function signalOf(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalid('signal', 'signal is not an AbortSignal.', 'Pass controller.signal.');
  }
  return signal;
}

function loggerOf(logger: Logger | undefined): Logger | undefined {
  const methods = ['info', 'warn', 'error'] as const;
  if (logger !== undefined && methods.some((method) => typeof logger?.[method] !== 'function')) {
    throw invalid(
      'logger',
      'logger lacks info, warn or error.',
      'Pass console or a similar logger.',
    );
  }
  return logger;
}

function callbackOf(onEvent: RunMigrationsOptions['onEvent']): RunMigrationsOptions['onEvent'] {
  if (onEvent !== undefined && typeof onEvent !== 'function') {
    throw invalid('onEvent', 'onEvent is not a function.', 'Pass a function.');
  }
  return onEvent;
}

function invalid(option: string, problem: string, hint: string): InvalidOptionError {
  return new InvalidOptionError(option, problem, hint);
}

/** Returns a value for a message: at most 80 characters, and nothing of an object, which may contain a secret. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
