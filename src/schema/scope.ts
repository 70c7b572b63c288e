import type { Contents } from './catalogue.ts';

/** Roles that have privileges on the tables, where they exist. */
export const SERVICE_ROLES: readonly string[] = ['service_role'];

/** Roles that anonymous clients act as: they must not reach a table by any way. */
export const CLIENT_ROLES: readonly string[] = ['anon', 'authenticated'];

/** What to read from the catalogue. */
export interface Scope {
  /** The first holds the tables; the others are searched for leads. */
  readonly schemas: readonly [string, ...string[]];
  readonly tables: readonly string[];
  readonly indexes: readonly string[];
  /** Signatures: each name with its argument types, as {@link Contents} has them. */
  readonly functions: readonly string[];
  readonly migrationsTable: string;
}

/** Returns the scope that covers the contents. */
export function scopeOf(
  contents: Contents,
  { schemas, migrationsTable }: Pick<Scope, 'schemas' | 'migrationsTable'>,
): Scope {
  return {
    schemas,
    tables: Object.keys(contents.tables),
    indexes: Object.values(contents.tables).flatMap(({ indexes }) => Object.keys(indexes)),
    functions: Object.keys(contents.functions),
    migrationsTable,
  };
}
