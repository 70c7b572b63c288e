import pg from 'pg';
import type { Connection } from './connection.ts';
import { PreflightError, type PreflightFailure } from './errors.ts';
import type { Migration } from './migrations.ts';
import { evaluate } from './preflight-rules.ts';
import type { Settings } from './settings.ts';

/** What one query finds out about the database before the first change. */
export interface Facts {
  readonly serverVersion: number;
  readonly role: string;
  readonly database: string;
  readonly mayCreateSchema: boolean;
  readonly schemas: readonly {
    readonly name: string;
    readonly exists: boolean;
    readonly mayCreate: boolean;
  }[];
  /** The ledger and tables of our names in the first schema. */
  readonly relations: readonly {
    readonly name: string;
    readonly owner: string;
    readonly owned: boolean;
  }[];
  /** The leads table that the search path finds. */
  readonly leads: Leads | null;
}

/** A leads table, the host's or the stand-in. */
export interface Leads {
  /** Quoted where it needs to be, and qualified. */
  readonly name: string;
  readonly schema: string;
  readonly ordinary: boolean;
  readonly idType: string | null;
  readonly idUnique: boolean;
  readonly mayReference: boolean;
}

/** What the preflight says: what to create first, and what stands in the way. */
export interface Preflight {
  readonly hasLedger: boolean;
  /** The first schema is to be created. */
  readonly missingSchema: boolean;
  /** @throws {PreflightError} with everything that stands in the way of these migrations. */
  refuse(selected: readonly Migration[]): void;
}

/** Looks at the database, in the transaction that is open, with one query. */
export async function preflight(connection: Connection, settings: Settings): Promise<Preflight> {
  const [row] = await connection.query<{ facts: string }>(factsQuery(settings));
  const facts: Facts = JSON.parse(row?.facts ?? '{}');
  return {
    hasLedger: facts.relations.some(({ name }) => name === settings.migrationsTable),
    missingSchema: facts.schemas[0]?.exists === false,
    refuse(selected) {
      const failures: readonly PreflightFailure[] = evaluate(facts, settings, selected);
      if (failures.length > 0) throw new PreflightError(failures);
    },
  };
}

/** Everything as one JSON text: the caller's client may parse types in ways of its own. */
function factsQuery({ schemas, migrationsTable }: Settings): string {
  const names = schemas.map((schema) => pg.escapeLiteral(schema)).join(', ');
  return `
    SELECT json_build_object(
      'serverVersion', current_setting('server_version_num')::int,
      'role', quote_ident(current_user),
      'database', quote_ident(current_database()),
      'mayCreateSchema', has_database_privilege(current_database(), 'CREATE'),
      'schemas', (
        SELECT json_agg(json_build_object(
          'name', s.name,
          'exists', n.oid IS NOT NULL,
          'mayCreate', coalesce(has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE'), false)
        ) ORDER BY s.position)
          FROM unnest(ARRAY[${names}]::text[]) WITH ORDINALITY s(name, position)
          LEFT JOIN pg_namespace n ON n.nspname = s.name),
      'relations', (
        SELECT coalesce(json_agg(json_build_object(
          'name', c.relname,
          'owner', pg_get_userbyid(c.relowner),
          'owned', pg_has_role(c.relowner, 'USAGE'))), '[]')
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = ${pg.escapeLiteral(schemas[0])}
           AND c.relname IN (${pg.escapeLiteral(migrationsTable)},
             'visitors', 'conversions', 'conversion_queue', 'tracking_events')),
      'leads', (
        SELECT json_build_object(
          'name', format('%I.%I', n.nspname, c.relname),
          'schema', n.nspname,
          'ordinary', c.relkind IN ('r', 'p') AND c.relpersistence = 'p',
          'idType', format_type(a.atttypid, a.atttypmod),
          'idUnique', EXISTS (
            SELECT FROM pg_index i
             WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum AND i.indnkeyatts = 1
               AND i.indisunique AND i.indimmediate AND i.indisvalid
               AND i.indpred IS NULL AND i.indexprs IS NULL),
          'mayReference', coalesce(has_column_privilege(c.oid, a.attnum, 'REFERENCES'), true))
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id' AND NOT a.attisdropped
         WHERE c.relname = 'leads' AND c.relpersistence <> 't' AND pg_table_is_visible(c.oid))
    )::text AS facts`;
}
