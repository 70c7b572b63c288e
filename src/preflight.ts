import { LEDGER_SHAPED_TABLES } from '../migrations/shared/ledger.ts';
import type { Connection } from './connection.ts';
import { PreflightError, type PreflightFailure } from './errors.ts';
import { CONTRACT_TABLES, type Migration } from './migrations.ts';
import { evaluate } from './preflight-rules.ts';
import type { Settings } from './settings.ts';
import { literal } from './sql.ts';

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
  /** Tables of a ledger's shape in the first schema. */
  readonly ledgers: readonly string[];
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
  /** Tables of the contract's names in the first schema. */
  readonly tables: readonly string[];
  /** Tables of a ledger's shape in the first schema, but for our own ledger. */
  readonly otherLedgers: readonly string[];
  /**
   * @param differences - what else was found
   * @throws {PreflightError} with everything that stands in the way of these migrations
   */
  refuse(selected: readonly Migration[], differences: readonly PreflightFailure[]): void;
}

/** Looks at the database, in the transaction that is open, with one query. */
export async function preflight(connection: Connection, settings: Settings): Promise<Preflight> {
  const [row] = await connection.query<{ facts: string }>(factsQuery(settings));
  const facts: Facts = JSON.parse(row?.facts ?? '{}');
  const { migrationsTable } = settings;
  const names = facts.relations.map(({ name }) => name);
  return {
    hasLedger: names.includes(migrationsTable),
    missingSchema: facts.schemas[0]?.exists === false,
    tables: names.filter((name) => CONTRACT_TABLES.includes(name)),
    otherLedgers: facts.ledgers.filter((name) => name !== migrationsTable),
    refuse(selected, differences) {
      const failures = [...evaluate(facts, settings, selected), ...differences];
      if (failures.length > 0) throw new PreflightError(failures);
    },
  };
}

/** Everything as one JSON text: the caller's client may parse types in ways of its own. */
function factsQuery({ schemas, migrationsTable }: Settings): string {
  const tables = CONTRACT_TABLES.map((table) => literal(table)).join(', ');
  const names = schemas.map((schema) => literal(schema)).join(', ');
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
         WHERE n.nspname = ${literal(schemas[0])}
           AND c.relname IN (${literal(migrationsTable)},
             ${tables})),
      'ledgers', (
        SELECT coalesce(json_agg(c.relname), '[]')
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = ${literal(schemas[0])} AND c.oid IN (${LEDGER_SHAPED_TABLES})),
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
