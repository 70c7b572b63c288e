import { InvalidOptionError } from './errors.ts';

/** PostgreSQL truncates longer names silently. */
const LONGEST_NAME_BYTES = 63;

/** The server's schemas, and `$user`, which search_path expands to the role's schema, even if quoted. */
const RESERVED_SCHEMA = /^(pg_|information_schema$|\$user$)/;

/**
 * Validates a name that becomes an SQL identifier, and returns it. Refuses quotes: node-pg-migrate's
 * CLI, which uses the same migrations table, does not escape them.
 *
 * @throws {InvalidOptionError}
 */
export function checkName(option: 'schema' | 'migrationsTable', name: string): string {
  const problem = problemOf(option, name);
  if (problem) {
    throw new InvalidOptionError(
      option,
      `${option} ${problem}.`,
      problem.endsWith('is reserved by PostgreSQL')
        ? 'Pass another name.'
        : 'Pass a name of 1 to 63 bytes without quotes or control characters.',
    );
  }
  return name;
}

function problemOf(option: string, name: unknown): string | undefined {
  if (typeof name !== 'string') return 'is not a string';
  if (name === '') return 'is empty';
  if (/["']/.test(name)) return `${JSON.stringify(name.slice(0, 80))} contains a quote`;
  if (/\p{Cc}/u.test(name)) return 'contains a control character';
  if (!name.isWellFormed()) return 'is not well-formed Unicode';
  const bytes = Buffer.byteLength(name);
  if (bytes > LONGEST_NAME_BYTES) return `is ${bytes} bytes long`;
  if (option === 'schema' && RESERVED_SCHEMA.test(name))
    return `"${name}" is reserved by PostgreSQL`;
  return undefined;
}
