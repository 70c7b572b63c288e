/**
 * - `error`: rows or clients of ours do not work, or the schema does not keep its promises.
 * - `security`: somebody but the owner and service_role can reach what is ours.
 * - `info`: the application's own additions, and what may be left as it is.
 */
export type FindingLevel = 'error' | 'security' | 'info';

/** Every code, with its level. Stable: safe to switch on. */
export const FINDINGS = {
  COLUMN_ADDED: 'info',
  COLUMN_DEFAULT: 'error',
  COLUMN_CONFLICT: 'error',
  COLUMN_MISSING: 'error',
  COLUMN_NOT_NULL: 'error',
  COLUMN_RENAMED: 'error',
  COLUMN_TYPE: 'error',
  CONSTRAINT_ADDED: 'info',
  CONSTRAINT_DIFFERS: 'error',
  CONSTRAINT_CONFLICT: 'error',
  CONSTRAINT_MISSING: 'error',
  CONSTRAINT_NOT_ENFORCED: 'error',
  CONSTRAINT_RENAMED: 'error',
  FUNCTION_DIFFERS: 'error',
  FUNCTION_MISSING: 'error',
  FUNCTION_EXPOSES: 'security',
  EXCESS_PRIVILEGE: 'security',
  PRIVILEGE_MISSING: 'error',
  INDEX_ADDED: 'info',
  INDEX_DIFFERS: 'error',
  INDEX_INVALID: 'error',
  INDEX_CONFLICT: 'error',
  INDEX_MISSING: 'error',
  INDEX_RENAMED: 'error',
  MIGRATIONS_TABLE_DAMAGED: 'error',
  MIGRATIONS_TABLE_READABLE: 'info',
  MIGRATIONS_PENDING: 'info',
  NOT_INSTALLED: 'error',
  OWNER_DIFFERS: 'security',
  POLICY_ADDED: 'security',
  PUBLISHED: 'security',
  RLS_DISABLED: 'security',
  RLS_FORCED: 'error',
  ROLE_LACKS_BYPASSRLS: 'error',
  ROLE_HAS_ACCESS: 'security',
  SCHEMA_USAGE_MISSING: 'error',
  TABLE_MISSING: 'error',
  TABLE_RENAMED: 'error',
  TABLE_UNFIT: 'error',
  TRIGGER_ADDED: 'info',
  TRIGGER_DIFFERS: 'error',
  TRIGGER_DISABLED: 'error',
  TRIGGER_MISSING: 'error',
  TYPE_PUBLIC: 'info',
  VIEW_EXPOSES: 'security',
} as const satisfies Readonly<Record<string, FindingLevel>>;

/** One of the keys of {@link FINDINGS}. */
export type FindingCode = keyof typeof FINDINGS;

/** One thing that verification has found. */
export interface Finding {
  readonly code: FindingCode;
  readonly level: FindingLevel;
  /** What it is about: `column public.visitors.gclid`. */
  readonly object: string;
  readonly expected: string;
  readonly found: string;
  /**
   * SQL that fixes it, or a sentence that says what to do; undefined where there is nothing to fix.
   * The fixes of all findings may be run one after the other, in the order of the findings.
   */
  readonly fix: string | undefined;
}

/** What verifySchema() has found. */
export interface VerifySchemaResult {
  /** Nothing of level `error` or `security`. */
  readonly ok: boolean;
  /** The last migration that is recorded: the database was compared with what it leaves behind. */
  readonly head: string | undefined;
  /** By level, each level in the order in which to run the fixes. */
  readonly findings: readonly Finding[];
}

/** A finding, and when its fix has its turn: what makes room comes first, access last. */
export interface Ranked extends Omit<Finding, 'level'> {
  readonly turn: number;
}

const LEVELS: readonly FindingLevel[] = ['error', 'security', 'info'];

/** Findings in order: by level, by the turn of their fixes, by name. */
export function inOrder(all: readonly Ranked[]): Finding[] {
  return all
    .map(({ turn, ...finding }) => ({
      turn,
      finding: { ...finding, level: FINDINGS[finding.code] },
    }))
    .sort(
      (a, b) =>
        LEVELS.indexOf(a.finding.level) - LEVELS.indexOf(b.finding.level) ||
        a.turn - b.turn ||
        (a.finding.object < b.finding.object ? -1 : 1),
    )
    .map(({ finding: { code, level, object, expected, found, fix } }) => ({
      code,
      level,
      object,
      expected,
      found,
      fix,
    }));
}
