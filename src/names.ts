import { InvalidOptionError } from './errors.ts';

/** PostgreSQL cuts longer names silently. */
const LONGEST_NAME_BYTES = 63;

/**
 * Schemas of the server's own, and the word that a search_path takes for the role's own schema,
 * quoted or not.
 */
const RESERVED_SCHEMA = /^(pg_|information_schema$|\$user$)/;

/**
 * Checks a name that goes into SQL. Quotes are refused, though this package would escape them:
 * node-pg-migrate's CLI, which shares the migrations table, does not.
 *
 * @throws {InvalidOptionError}
 */
export function checkName(option: 'schema' | 'migrationsTable', name: string): string {
  const problem = problemOf(option, name);
  if (problem) {
    throw new InvalidOptionError(
      option,
      `${option} ${problem}.`,
      'Pass a name of 1 to 63 bytes without quotes or control characters.',
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
  if (option === 'schema' && RESERVED_SCHEMA.test(name)) return `"${name}" belongs to the server`;
  return undefined;
}
