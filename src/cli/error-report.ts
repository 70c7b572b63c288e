import type { ErrorCode, PreflightCode, PreflightFailure } from '../index.ts';
import type { CommandDefinition } from './command.ts';
import { CommandLineError } from './command-line-errors.ts';
import { type FlagName, flagUsage, repeatDatabaseFlags } from './flags.ts';
import type { Invocation } from './program.ts';
import { redactPasswords, redactUrls } from './redact.ts';
import { printable, type Styles } from './terminal.ts';

/** What `--json` prints under the key `error`. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
  /** Fields of the error's own class: `sqlState`, `migration`, `failures` and so on. */
  readonly [detail: string]: unknown;
}

/** The database or the files need a fix: exit code 1. Every other error is 2. */
const NEEDS_FIX: ReadonlySet<string> = new Set([
  'DATABASE_AHEAD',
  'DATA_LOSS',
  'FILES_DIFFER',
  'MIGRATIONS_TABLE_DAMAGED',
  'MIGRATION_FAILED',
  'PREFLIGHT_FAILED',
]);

/** The option that the hint of an error names. */
const OPTIONS: Readonly<Partial<Record<ErrorCode | PreflightCode, FlagName>>> = {
  DATA_LOSS: 'allowDataLoss',
  LOCK_TIMEOUT: 'timeoutMs',
  MIGRATIONS_TABLE_UNUSABLE: 'migrationsTable',
  MIGRATION_LOCK_TIMEOUT: 'migrationLockTimeoutMs',
  RECORDED_ELSEWHERE: 'migrationsTable',
  CALL_TIMEOUT: 'timeoutMs',
  SCHEMA_NOT_FOUND: 'createSchema',
  STATEMENT_TIMEOUT: 'statementTimeoutMs',
};

/** Returns 1 where the database or a file needs a fix, 2 where the command could not finish. */
export function exitCodeFor({ code }: ErrorReport, command?: CommandDefinition): 1 | 2 {
  // Without migrations to run, the statement that failed is the command's own query.
  if (code === 'MIGRATION_FAILED' && !command?.runsMigrations) return 2;
  return NEEDS_FIX.has(code) ? 1 : 2;
}

/** Turns an error into data, without credentials. */
export async function reportError(error: unknown, args: readonly string[]): Promise<ErrorReport> {
  if (error instanceof CommandLineError) return reportOf(error);
  // Imported on demand: a usage error needs no API, and without pg the API cannot be imported.
  const api = await import('../index.ts').catch(() => undefined);
  if (api && error instanceof api.TrackingSchemaError) return reportOf(error);
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const hint = api
    ? 'Please report it as a bug of conversion-tracking-schema.'
    : 'Check that pg is installed beside conversion-tracking-schema: npm install pg.';
  const message = `Unexpected error: ${redactPasswords(text, args)}. ${hint}`;
  return { code: 'UNEXPECTED', message, hint, retryable: false };
}

interface KnownError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly retryable: boolean;
}

/** Leaves out the cause, which may hold anything. */
function reportOf(error: KnownError): ErrorReport {
  const {
    name: _,
    code,
    message,
    hint,
    retryable,
    ...details
  } = {
    ...error,
    message: error.message,
  };
  const report = { code, message, hint, retryable, ...details };
  return JSON.parse(JSON.stringify(report), (key, value: unknown) =>
    REDACTED.has(key) && typeof value === 'string' ? redactUrls(value) : value,
  );
}

const REDACTED: ReadonlySet<string> = new Set(['message', 'hint', 'fix']);

/** Formats an error for people, with the flag for the option that its hint names. */
export function formatError(
  report: ErrorReport,
  styles: Styles,
  { command, flags }: Partial<Invocation> = {},
): string {
  const { code, sqlState, option, failures, statement } = report;
  // A command to run next is run on the same database.
  const hint = printable(report.hint).replace(
    /npx conversion-tracking-schema \w+/g,
    (next) => next + repeatDatabaseFlags(flags ?? {}),
  );
  const message = printable(report.message);
  const problem = message.endsWith(printable(report.hint))
    ? message.slice(0, -printable(report.hint).length).trimEnd()
    : message;
  const codes = typeof sqlState === 'string' ? `${code}, SQLSTATE ${sqlState}` : code;
  const head = (text: string) => `${styles.error('error:')} ${text} ${styles.dim(`(${codes})`)}`;
  const flag = (name: unknown) => {
    const usage = command?.flags.find((known) => known === name);
    return usage ? [`${styles.bold('flag:')}  ${flagUsage(usage)}`] : [];
  };
  if (isListOfFailures(failures)) {
    const list = failures.map((failure) => {
      const { code, message, fix } = failure;
      const lines = [styles.bold(code), printable(message), printable(fix), ...flag(OPTIONS[code])];
      return lines.map((line) => `\n  ${line}`).join('');
    });
    return `${[head('The database is not ready for this. Nothing was changed.'), ...list].join('\n')}\n`;
  }
  const named = option ?? OPTIONS[code as ErrorCode];
  const lines = [head(problem), `${styles.bold('hint:')}  ${hint}`, ...flag(named)];
  if (code === 'MIGRATION_FAILED' && typeof statement === 'string') {
    lines.push(styles.bold('statement:'), printable(statement.trim()).replace(/^/gm, '  '));
  }
  return `${lines.join('\n')}\n`;
}

function isListOfFailures(failures: unknown): failures is readonly PreflightFailure[] {
  return Array.isArray(failures);
}
