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
import { definitionSql, type Location } from '../schema/definitions.ts';

const IDENTITY = 'GENERATED AS IDENTITY';

/** Statements that create or change objects to match the manifest. */
export class Fixes {
  readonly #location: Location;
  readonly #roles: readonly string[];
  readonly #owner: string;

  /**
   * @param roles - the roles of the manifest that exist
   * @param owner - the owner of everything, whichever role runs the statements
   */
  constructor(location: Location, roles: readonly string[], owner: string) {
    this.#location = location;
    this.#roles = roles;
    this.#owner = owner;
  }

  /** Quotes and qualifies the name of a table or an index. */
  name(table: string): string {
    return quote({ schema: this.#location.schema, table });
  }

  alter(table: string, ...actions: readonly string[]): string {
    return `ALTER TABLE ${this.name(table)} ${actions.join(', ')};`;
  }

  /** Creates a table, private, without its triggers and foreign keys. */
  createTable(table: string, expected: CatalogueTable): string {
    const name = this.name(table);
    const comments = Object.entries(expected.columns).flatMap(([column, { comment }]) =>
      comment === null
        ? []
        : [`COMMENT ON COLUMN ${name}.${identifier(column)} IS ${literal(comment)};`],
    );
    return atomic([
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
      this.#makePrivate(table),
    ]);
  }

  /** Revokes what default privileges grant on a new table. */
  #makePrivate(table: string): string {
    return `${doBlock(closing(literal(this.name(table))))};`;
  }

  addColumn(table: string, name: string, column: CatalogueColumn): string {
    const comment =
      column.comment === null
        ? ''
        : `\nCOMMENT ON COLUMN ${this.name(table)}.${identifier(name)} IS ${literal(column.comment)};`;
    return `${this.alter(table, `ADD COLUMN ${columnSql(name, column)}`)}${comment}`;
  }

  /** A default of the old type may not convert, so it is dropped first. A timestamp without time zone is read as UTC. */
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
    return atomic([...drop, this.alter(table, set)]);
  }

  /**
   * Makes a private sequence the default of a migrations table's id, from the highest id on.
   *
   * @param owned - the sequence that the column owns already, as SQL
   */
  setSerial(
    table: string,
    column: string,
    found: string | null,
    owned: string | undefined,
  ): string {
    const name = this.name(table);
    const usual = `${table}_${column}_seq`;
    // An identity's sequence is dropped with it.
    const kept = found === IDENTITY ? undefined : owned;
    const sequence =
      kept ?? this.name(Buffer.byteLength(usual) > 63 ? `tracking_${column}_seq` : usual);
    const alter = `ALTER COLUMN ${identifier(column)}`;
    return atomic([
      ...(found === IDENTITY ? [this.alter(table, `${alter} DROP IDENTITY`)] : []),
      // Never IF NOT EXISTS: a sequence that is there already may be another role's.
      ...(kept === undefined
        ? [
            `CREATE SEQUENCE ${sequence};`,
            `ALTER SEQUENCE ${sequence} OWNER TO ${this.#owner};`,
            `ALTER SEQUENCE ${sequence} OWNED BY ${name}.${identifier(column)};`,
          ]
        : []),
      makeSequencePrivate(sequence),
      `PERFORM pg_catalog.setval(${literal(sequence)}::pg_catalog.regclass, pg_catalog.int8(coalesce((SELECT pg_catalog.max(${identifier(column)}) FROM ${name}), 0)) + 1::pg_catalog.int8, false);`,
      this.alter(
        table,
        `${alter} SET DEFAULT pg_catalog.nextval(${literal(sequence)}::pg_catalog.regclass)`,
      ),
    ]);
  }

  addConstraint(table: string, name: string, definition: string): string {
    const named = name === PRIMARY_KEY ? '' : `CONSTRAINT ${identifier(name)} `;
    return this.alter(table, `ADD ${named}${definitionSql(definition, this.#location)}`);
  }

  replaceConstraint(table: string, name: string, definition: string): string {
    const sql = `ADD CONSTRAINT ${identifier(name)} ${definitionSql(definition, this.#location)}`;
    return this.alter(table, `DROP CONSTRAINT ${identifier(name)}`, sql);
  }

  createIndex(table: string, name: string, { unique, definition }: CatalogueIndex): string {
    return `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${identifier(name)} ON ${this.name(table)} USING ${definition};`;
  }

  createTrigger(table: string, definition: string): string {
    const sql = definitionSql(definition, this.#location, this.name(table));
    return `${sql.replace(/^CREATE TRIGGER/, 'CREATE OR REPLACE TRIGGER')};`;
  }

  /** Creates a function, private: PUBLIC has EXECUTE on a new one. */
  createFunction(signature: string, wanted: CatalogueFunction): string {
    return atomic(this.#createFunction(signature, wanted));
  }

  /**
   * Drops a routine and creates the function in its place.
   *
   * @param triggers - those that call it, on tables that exist
   */
  replaceFunction(
    signature: string,
    wanted: CatalogueFunction,
    triggers: readonly (readonly [table: string, trigger: string, definition: string])[] = [],
  ): string {
    return atomic([
      ...triggers.map(
        ([table, trigger]) =>
          `DROP TRIGGER IF EXISTS ${identifier(trigger)} ON ${this.name(table)};`,
      ),
      `DROP ROUTINE ${identifier(this.#location.schema)}.${signature};`,
      ...this.#createFunction(signature, wanted),
      ...triggers.map(([table, , definition]) => this.createTrigger(table, definition)),
    ]);
  }

  #createFunction(signature: string, wanted: CatalogueFunction): string[] {
    const { comment, grants } = wanted;
    const name = `${identifier(this.#location.schema)}.${signature}`;
    return [
      // Never OR REPLACE: a function that is there already may be another role's.
      functionStatement(wanted).replace(/^CREATE OR REPLACE/, 'CREATE'),
      ...(comment === null ? [] : [`COMMENT ON FUNCTION ${name} IS ${literal(comment)};`]),
      `ALTER FUNCTION ${name} OWNER TO ${this.#owner};`,
      `${doBlock(closingFunction(literal(name)))};`,
      ...Object.entries(grants)
        .filter(([role]) => this.#roles.includes(role))
        .map(
          ([role, privileges]) => `GRANT ${privileges.join(', ')} ON FUNCTION ${name} TO ${role};`,
        ),
    ];
  }
}

/**
 * Makes one statement of several. In psql each would commit by itself, and those after a failed
 * CREATE would change the object of another role that has the name.
 */
export function atomic(statements: readonly string[]): string {
  if (statements.length === 1) return statements.join();
  const body = statements.join('\n');
  let tag = '$fix$';
  for (let number = 1; body.includes(tag); number += 1) tag = `$fix${number}$`;
  return `DO ${tag}\nBEGIN\n${body}\nEND\n${tag};`;
}

/** Returns the statement that creates or replaces a function. */
export function functionStatement({ head, body }: CatalogueFunction): string {
  return `${head}AS ${literal(body)};`;
}

function columnSql(name: string, { type, notNull, default: value }: CatalogueColumn): string {
  if (value === 'serial') return `${identifier(name)} serial`;
  const fallback = value === null ? '' : ` DEFAULT ${value}`;
  return `${identifier(name)} ${type}${fallback}${notNull ? ' NOT NULL' : ''}`;
}

function makeSequencePrivate(name: string): string {
  const body = `
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('s', c.relowner))) a
     WHERE c.oid = target AND a.grantee <> c.relowner
  LOOP
    EXECUTE format('REVOKE ALL ON SEQUENCE %s FROM %s CASCADE', target, grantee);
  END LOOP;`;
  return `${doBlock(block(`  target CONSTANT pg_catalog.regclass := ${literal(name)};\n  grantee pg_catalog.text;`, body))};`;
}
