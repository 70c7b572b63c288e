/**
 * - `error`: the package does not work as documented, or the schema does not keep its guarantees.
 * - `security`: a role other than the owner and service_role can reach the package's tables, or take
 *   the place of an object of the package.
 * - `info`: additions of the application's own, and what may stay.
 */
export type FindingLevel = 'error' | 'security' | 'info';

/** Every code with its level. The codes are stable: safe to switch on. */
export const FINDINGS = {
  COLUMN_ADDED: 'info',
  COLUMN_CONFLICT: 'error',
  COLUMN_DEFAULT_DIFFERS: 'error',
  COLUMN_MISSING: 'error',
  COLUMN_NOT_NULL_DIFFERS: 'error',
  COLUMN_RENAMED: 'error',
  COLUMN_TYPE_DIFFERS: 'error',
  CONSTRAINT_ADDED: 'info',
  CONSTRAINT_CONFLICT: 'error',
  CONSTRAINT_DIFFERS: 'error',
  CONSTRAINT_MISSING: 'error',
  CONSTRAINT_NOT_ENFORCED: 'error',
  CONSTRAINT_RENAMED: 'error',
  EXCESS_PRIVILEGE: 'security',
  FUNCTION_CONFLICT: 'security',
  FUNCTION_DIFFERS: 'error',
  FUNCTION_EXPOSES: 'security',
  FUNCTION_MISSING: 'error',
  FUNCTION_UNQUALIFIED: 'error',
  INDEX_ADDED: 'info',
  INDEX_CONFLICT: 'error',
  INDEX_DIFFERS: 'error',
  INDEX_INVALID: 'error',
  INDEX_MISSING: 'error',
  INDEX_RENAMED: 'error',
  MIGRATIONS_PENDING: 'info',
  MIGRATIONS_TABLE_DAMAGED: 'error',
  MIGRATIONS_TABLE_READABLE: 'info',
  NOT_INSTALLED: 'error',
  OWNER_DIFFERS: 'security',
  POLICY_ADDED: 'security',
  PRIVILEGE_MISSING: 'error',
  RLS_DISABLED: 'security',
  RLS_FORCED: 'error',
  ROLE_HAS_ACCESS: 'security',
  ROLE_LACKS_BYPASSRLS: 'error',
  SCHEMA_CREATE_GRANTED: 'security',
  SCHEMA_CREATE_PUBLIC: 'info',
  SCHEMA_USAGE_MISSING: 'error',
  SEARCH_PATH_UNSAFE: 'error',
  TABLE_MISSING: 'error',
  TABLE_NOT_ORDINARY: 'error',
  TABLE_PUBLISHED: 'security',
  TABLE_RENAMED: 'error',
  TRIGGER_ADDED: 'info',
  TRIGGER_DIFFERS: 'error',
  TRIGGER_DISABLED: 'error',
  TRIGGER_MISSING: 'error',
  TYPE_PUBLIC: 'info',
  VIEW_EXPOSES: 'security',
} as const satisfies Readonly<Record<string, FindingLevel>>;

/** One of the keys of {@link FINDINGS}. */
export type FindingCode = keyof typeof FINDINGS;

/** One difference between the database and what the migrations created. */
export interface Finding {
  readonly code: FindingCode;
  readonly level: FindingLevel;
  /** The object: `column public.visitors.gclid`. */
  readonly object: string;
  readonly expected: string;
  readonly found: string;
  /**
   * SQL that fixes it, or a sentence that says what to do; undefined where nothing needs a fix.
   * Run the fixes one after the other, in the order of the findings.
   */
  readonly fix: string | undefined;
}

/** The result of verifySchema(). */
export interface VerifySchemaResult {
  /** True where no finding has the level `error` or `security`. */
  readonly ok: boolean;
  /** The last recorded migration: the database was compared with what it leaves behind. */
  readonly head: string | undefined;
  /** By level; within a level in the order in which to run the fixes. */
  readonly findings: readonly Finding[];
}

/** Stages of fixes: objects are created before what depends on them, and privileges come last. */
export const STAGE = {
  /** What the statements of all other fixes depend on. */
  before: -1,
  first: 0,
  conflicts: 1,
  tables: 2,
  columns: 3,
  functions: 4,
  keys: 5,
  checks: 6,
  references: 7,
  rest: 8,
  access: 9,
} as const;

/** A finding before it has its level, with the stage of its fix. */
export interface StagedFinding extends Omit<Finding, 'level'> {
  readonly stage: number;
}

const LEVELS: readonly FindingLevel[] = ['error', 'security', 'info'];

/** Returns findings by level, stage and name. */
export function sortFindings(all: readonly StagedFinding[]): Finding[] {
  const rank = ({ code }: StagedFinding) => LEVELS.indexOf(FINDINGS[code]);
  return [...all]
    .sort((a, b) => rank(a) - rank(b) || a.stage - b.stage || (a.object < b.object ? -1 : 1))
    .map(({ code, object, expected, found, fix }) => ({
      code,
      level: FINDINGS[code],
      object,
      expected,
      found,
      fix,
    }));
}
