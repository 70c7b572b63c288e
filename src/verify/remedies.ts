import { closing, closingFunction } from '../../migrations/shared/access.ts';
import { block } from '../../migrations/shared/block.ts';
import { doBlock, identifier, literal, quote } from '../sql.ts';
import {
  type CatalogueColumn,
  type CatalogueFunction,
  type CatalogueIndex,
  type CatalogueTable,
  PRIMARY_KEY,
} from './catalogue.ts';
import { fill, type Place } from './placeholders.ts';

/** The statements that make objects as the manifest describes them, in one place. */
export class Remedies {
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

  /** A default of the old type could stand in the way. */
  setType(table: string, name: string, { type, default: value }: CatalogueColumn): string {
    const alter = `ALTER COLUMN ${identifier(name)}`;
    return this.alter(
      table,
      `${alter} DROP DEFAULT`,
      `${alter} TYPE ${type} USING ${identifier(name)}::${type}`,
      ...(value === null || value === 'serial' ? [] : [`${alter} SET DEFAULT ${value}`]),
    );
  }

  setDefault(table: string, name: string, wanted: string | null, found: string | null): string {
    const alter = `ALTER COLUMN ${identifier(name)}`;
    const drop =
      found === 'GENERATED AS IDENTITY'
        ? [this.alter(table, `${alter} DROP IDENTITY`)]
        : found?.startsWith('GENERATED ALWAYS AS (')
          ? [this.alter(table, `${alter} DROP EXPRESSION`)]
          : [];
    const set = wanted === null ? `${alter} DROP DEFAULT` : `${alter} SET DEFAULT ${wanted}`;
    return [...drop, this.alter(table, set)].join('\n');
  }

  /** A sequence for a ledger's id, from the highest id on, and closed. */
  serial(table: string, column: string): string {
    const name = this.name(table);
    const sequence = this.name(`${table}_${column}_seq`);
    return [
      `CREATE SEQUENCE IF NOT EXISTS ${sequence};`,
      `ALTER SEQUENCE ${sequence} OWNER TO ${this.#owner};`,
      `ALTER SEQUENCE ${sequence} OWNED BY ${name}.${identifier(column)};`,
      closeSequence(sequence),
      `SELECT setval(${literal(sequence)}, coalesce((SELECT max(${identifier(column)}) FROM ${name}), 0) + 1, false);`,
      this.alter(
        table,
        `ALTER COLUMN ${identifier(column)} SET DEFAULT nextval(${literal(sequence)})`,
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
    const sql = fill(definition, this.#place).replace('{table}', this.name(table));
    return `${sql.replace(/^CREATE TRIGGER/, 'CREATE OR REPLACE TRIGGER')};`;
  }

  /** A function that is new is open to everybody at first. */
  createFunction(signature: string, { definition, comment, grants }: CatalogueFunction): string {
    const name = `${identifier(this.#place.schema)}.${signature}`;
    return [
      `${fill(definition, this.#place).trim()};`,
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
