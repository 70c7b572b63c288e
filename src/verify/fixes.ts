import { closing, closingFunction } from '../../migrations/shared/access.ts';
import { block } from '../../migrations/shared/block.ts';
import { doBlock, identifier, literal, quote } from '../db/quoting.ts';
import {
  type CatalogueColumn,
  type CatalogueFunction,
  type CatalogueIndex,
  type CatalogueTable,
  PRIMARY_KEY,
} from '../schema/catalogue.ts';
import { fill, type Place } from '../schema/placeholders.ts';

const IDENTITY = 'GENERATED AS IDENTITY';

/** The statements that make objects as the manifest describes them, in one place. */
export class Fixes {
  readonly #place: Place;
  readonly #roles: readonly string[];
  readonly #owner: string;

  /**
   * @param roles - those that exist, of the roles that the manifest grants to
   * @param owner - whose everything is to be, whoever runs the statements
   */
  constructor(place: Place, roles: readonly string[], owner: string) {
    this.#place = place;
    this.#roles = roles;
    this.#owner = owner;
  }

  /** Quoted and qualified. A table's indexes are in its schema. */
  name(table: string): string {
    return quote({ schema: this.#place.schema, table });
  }

  alter(table: string, ...actions: readonly string[]): string {
    return `ALTER TABLE ${this.name(table)} ${actions.join(', ')};`;
  }

  /** A table with what needs nothing but itself, closed. */
  createTable(table: string, expected: CatalogueTable): string {
    const name = this.name(table);
    const comments = Object.entries(expected.columns).flatMap(([column, { comment }]) =>
      comment === null
        ? []
        : [`COMMENT ON COLUMN ${name}.${identifier(column)} IS ${literal(comment)};`],
    );
    return [
      `CREATE TABLE ${name} (${Object.entries(expected.columns)
        .map(([column, facts]) => columnSql(column, facts))
        .join(', ')});`,
      `COMMENT ON TABLE ${name} IS ${literal(expected.comment ?? '')};`,
      ...comments,
      ...Object.entries(expected.constraints)
        .filter(([, { definition }]) => !definition.startsWith('FOREIGN KEY'))
        .map(([constraint, { definition }]) => this.addConstraint(table, constraint, definition)),
      ...Object.entries(expected.indexes)
        .filter(([, { constraint }]) => constraint === null)
        .map(([index, facts]) => this.createIndex(table, index, facts)),
      this.alter(table, `OWNER TO ${this.#owner}`),
      this.closeTable(table),
    ].join('\n');
  }

  /** Everything that a new table is granted by default goes. */
  closeTable(table: string): string {
    return `${doBlock(closing(literal(this.name(table))))};`;
  }

  addColumn(table: string, name: string, column: CatalogueColumn): string {
    const comment =
      column.comment === null
        ? ''
        : `\nCOMMENT ON COLUMN ${this.name(table)}.${identifier(name)} IS ${literal(column.comment)};`;
    return `${this.alter(table, `ADD COLUMN ${columnSql(name, column)}`)}${comment}`;
  }

  /** A default of the old type could stand in the way. A time without a zone is taken for UTC. */
  setType(table: string, name: string, wanted: CatalogueColumn, found: CatalogueColumn): string {
    const column = identifier(name);
    const { type, default: value } = wanted;
    const using =
      found.type === 'timestamp without time zone' && type === 'timestamp with time zone'
        ? `${column} AT TIME ZONE 'UTC'`
        : `${column}::${type}`;
    return this.alter(
      table,
      `ALTER COLUMN ${column} DROP DEFAULT`,
      `ALTER COLUMN ${column} TYPE ${type} USING ${using}`,
      ...(value === null || value === 'serial'
        ? []
        : [`ALTER COLUMN ${column} SET DEFAULT ${value}`]),
    );
  }

  setDefault(table: string, name: string, wanted: string | null, found: string | null): string {
    const alter = `ALTER COLUMN ${identifier(name)}`;
    const drop =
      found === IDENTITY
        ? [this.alter(table, `${alter} DROP IDENTITY`)]
        : found?.startsWith('GENERATED ALWAYS AS (')
          ? [this.alter(table, `${alter} DROP EXPRESSION`)]
          : [];
    const set = wanted === null ? `${alter} DROP DEFAULT` : `${alter} SET DEFAULT ${wanted}`;
    return [...drop, this.alter(table, set)].join('\n');
  }

  /** A sequence for a migrations table's id, from the highest id on, and closed. */
  serial(table: string, column: string, found: string | null): string {
    const name = this.name(table);
    const own = `${table}_${column}_seq`;
    const sequence = this.name(Buffer.byteLength(own) > 63 ? `tracking_${column}_seq` : own);
    const alter = `ALTER COLUMN ${identifier(column)}`;
    return [
      ...(found === IDENTITY ? [this.alter(table, `${alter} DROP IDENTITY`)] : []),
      `CREATE SEQUENCE IF NOT EXISTS ${sequence};`,
      `ALTER SEQUENCE ${sequence} OWNER TO ${this.#owner};`,
      `ALTER SEQUENCE ${sequence} OWNED BY ${name}.${identifier(column)};`,
      closeSequence(sequence),
      `SELECT pg_catalog.setval(${literal(sequence)}::pg_catalog.regclass, pg_catalog.int8(coalesce((SELECT pg_catalog.max(${identifier(column)}) FROM ${name}), 0)) + 1::pg_catalog.int8, false);`,
      this.alter(
        table,
        `${alter} SET DEFAULT pg_catalog.nextval(${literal(sequence)}::pg_catalog.regclass)`,
      ),
    ].join('\n');
  }

  addConstraint(table: string, name: string, definition: string): string {
    const named = name === PRIMARY_KEY ? '' : `CONSTRAINT ${identifier(name)} `;
    return this.alter(table, `ADD ${named}${fill(definition, this.#place)}`);
  }

  replaceConstraint(table: string, name: string, definition: string): string {
    const sql = `ADD CONSTRAINT ${identifier(name)} ${fill(definition, this.#place)}`;
    return this.alter(table, `DROP CONSTRAINT ${identifier(name)}`, sql);
  }

  createIndex(table: string, name: string, { unique, definition }: CatalogueIndex): string {
    return `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${identifier(name)} ON ${this.name(table)} USING ${definition};`;
  }

  createTrigger(table: string, definition: string): string {
    const sql = fill(definition, this.#place, this.name(table));
    return `${sql.replace(/^CREATE TRIGGER/, 'CREATE OR REPLACE TRIGGER')};`;
  }

  replaceFunction(signature: string, wanted: CatalogueFunction): string {
    const name = `${identifier(this.#place.schema)}.${signature}`;
    return `DROP ROUTINE ${name};\n${this.createFunction(signature, wanted)}`;
  }

  /** A function that is new is open to everybody at first. */
  createFunction(signature: string, wanted: CatalogueFunction): string {
    const { comment, grants } = wanted;
    const name = `${identifier(this.#place.schema)}.${signature}`;
    return [
      functionStatement(wanted),
      ...(comment === null ? [] : [`COMMENT ON FUNCTION ${name} IS ${literal(comment)};`]),
      `ALTER FUNCTION ${name} OWNER TO ${this.#owner};`,
      `${doBlock(closingFunction(literal(name)))};`,
      ...Object.entries(grants)
        .filter(([role]) => this.#roles.includes(role))
        .map(
          ([role, privileges]) => `GRANT ${privileges.join(', ')} ON FUNCTION ${name} TO ${role};`,
        ),
    ].join('\n');
  }
}

/** The statement that creates a function, or makes it as it should be. */
export function functionStatement({ head, body }: CatalogueFunction): string {
  return `${head}AS ${literal(body)};`;
}

function columnSql(name: string, { type, notNull, default: value }: CatalogueColumn): string {
  if (value === 'serial') return `${identifier(name)} serial`;
  const fallback = value === null ? '' : ` DEFAULT ${value}`;
  return `${identifier(name)} ${type}${fallback}${notNull ? ' NOT NULL' : ''}`;
}

function closeSequence(name: string): string {
  const body = `
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('s', c.relowner))) a
     WHERE c.oid = target AND a.grantee <> c.relowner
  LOOP
    EXECUTE format('REVOKE ALL ON SEQUENCE %s FROM %s CASCADE', target, grantee);
  END LOOP;`;
  return `${doBlock(block(`  target CONSTANT regclass := ${literal(name)};\n  grantee text;`, body))};`;
}
