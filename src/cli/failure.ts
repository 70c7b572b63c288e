import type { PreflightFailure } from '../index.ts';
import { type Paint, printable } from './colours.ts';
import type { CommandDefinition } from './command.ts';
import { CommandLineError } from './command-line-error.ts';
import { inFlags } from './flag-words.ts';
import { withoutCredentials, withoutPasswords } from './secrets.ts';

/** What `--json` prints of an error, under the key `error`. */
export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
  /** What the error's own class adds: `sqlState`, `migration`, `failures` and so on. */
  readonly [detail: string]: unknown;
}

/** The database is not fit, or the files are not: not that we could not find out. */
const REFUSALS: ReadonlySet<string> = new Set([
  'DATABASE_AHEAD',
  'FILES_DIFFER',
  'MIGRATIONS_TABLE_MISMATCH',
  'MIGRATION_FAILED',
  'PREFLIGHT_FAILED',
  'DATA_LOSS',
]);

/** 1 where the database is not as it should be, 2 where that could not be found out. */
export function exitCodeOf({ code }: ErrorDocument, command?: CommandDefinition): 1 | 2 {
  // Of a command that only looks, a statement of its own has failed.
  if (code === 'MIGRATION_FAILED' && !command?.runsMigrations) return 2;
  return REFUSALS.has(code) ? 1 : 2;
}

/** An error as data, without anything of the connection's settings. */
export async function errorDocument(
  error: unknown,
  args: readonly string[],
): Promise<ErrorDocument> {
  if (error instanceof CommandLineError) return documentOf(error);
  // Loaded late: a wrong flag needs neither the API nor pg. Where pg is missing, there is no API.
  const api = await import('../index.ts').catch(() => undefined);
  if (api && error instanceof api.TrackingSchemaError) return documentOf(error);
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const problem = `An error that should not be: ${withoutPasswords(words, args)}.`;
  const hint = api
    ? 'Please report it as a bug of conversion-tracking-schema.'
    : 'Check that pg is installed beside conversion-tracking-schema: npm install pg.';
  return { code: 'UNEXPECTED', message: `${problem} ${hint}`, hint, retryable: false };
}

interface KnownError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly retryable: boolean;
}

/** Its own fields without the cause, which may be anything. */
function documentOf(error: KnownError): ErrorDocument {
  const {
    name: _,
    code,
    message,
    hint,
    retryable,
    ...details
  } = { ...error, message: error.message };
  const spoken = (text: string) => withoutCredentials(inFlags(text));
  const problem = message.endsWith(hint) ? message.slice(0, -hint.length).trimEnd() : message;
  const document = {
    code,
    message: `${spoken(problem)} ${spoken(hint)}`,
    hint: spoken(hint),
    retryable,
    ...details,
  };
  return JSON.parse(JSON.stringify(document), (key, value: unknown) =>
    key === 'fix' && typeof value === 'string' ? spoken(value) : value,
  );
}

/** An error for people. */
export function failureText(document: ErrorDocument, paint: Paint): string {
  const { code, sqlState, failures, statement } = document;
  const hint = printable(document.hint);
  const message = printable(document.message);
  const problem = message.endsWith(hint) ? message.slice(0, -hint.length).trimEnd() : message;
  const codes = typeof sqlState === 'string' ? `${code}, SQLSTATE ${sqlState}` : code;
  const head = (words: string) => `${paint.bad('error:')} ${words} ${paint.faint(`(${codes})`)}`;
  if (isListOfFailures(failures)) {
    const list = failures.map((failure) =>
      [paint.strong(failure.code), printable(failure.message), printable(failure.fix)]
        .map((line) => `\n  ${line}`)
        .join(''),
    );
    return `${[head('The database is not ready for this. Nothing was changed.'), ...list].join('\n')}\n`;
  }
  const lines = [head(problem), `${paint.strong('hint:')}  ${hint}`];
  if (code === 'MIGRATION_FAILED' && typeof statement === 'string') {
    lines.push(paint.strong('statement:'), printable(statement.trim()).replace(/^/gm, '  '));
  }
  return `${lines.join('\n')}\n`;
}

function isListOfFailures(failures: unknown): failures is readonly PreflightFailure[] {
  return Array.isArray(failures);
}
