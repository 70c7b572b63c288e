import { type CatalogueTable, PRIMARY_KEY } from '../../src/schema/catalogue.ts';
import { unionOf } from './columns.ts';
import { primaryKeyOf } from './drizzle-constraints.ts';

/** Builders of columns, by the type without its parameters, and the options that each takes. */
const BUILDERS: Readonly<Record<string, (...parameters: string[]) => [string, string?]>> = {
  uuid: () => ['uuid'],
  text: () => ['text'],
  integer: () => ['integer'],
  boolean: () => ['boolean'],
  jsonb: () => ['jsonb'],
  'timestamp with time zone': () => ['timestamp', '{ withTimezone: true }'],
  'timestamp without time zone': () => ['timestamp'],
  'character varying': (length) => ['varchar', `{ length: ${length} }`],
  numeric: (precision, scale) => ['numeric', `{ precision: ${precision}, scale: ${scale} }`],
};

/** A property of a table object: the column by its name. */
export function renderColumn(name: string, table: CatalogueTable, column: string): string {
  const facts = table.columns[column];
  if (!facts) throw new Error(`There is no column ${name}.${column}.`);
  const type = unionOf(name, column) ?? (facts.type === 'jsonb' ? 'JsonObject' : undefined);
  const calls = [
    builder(column, facts.type, facts.default),
    ...(type === undefined ? [] : [`$type<${type}>()`]),
    ...(isPrimaryKey(name, table, column) ? ['primaryKey()'] : facts.notNull ? ['notNull()'] : []),
    ...defaultValue(facts.default),
  ];
  return `${column}: ${calls.join('.')},`;
}

/** It names the column, though the property does: a client with `casing` would change that. */
function builder(column: string, type: string, value: string | null): string {
  if (type === 'integer' && value === 'serial') return `serial('${column}')`;
  const [, base = '', parameters = '', array = ''] =
    /^([a-z ]+)(?:\((.*)\))?(\[\])?$/.exec(type) ?? [];
  const found = BUILDERS[base];
  if (!found) throw new Error(`Drizzle has no builder for ${column}: ${type}.`);
  const [called, options] = found(...parameters.split(','));
  const made = `${called}('${column}'${options === undefined ? '' : `, ${options}`})`;
  return array === '' ? made : `${made}.array()`;
}

function defaultValue(value: string | null): string[] {
  if (value === null || value === 'serial') return [];
  if (value === 'gen_random_uuid()') return ['defaultRandom()'];
  if (value === 'now()') return ['defaultNow()'];
  if (value === "'{}'::jsonb") return ['default({})'];
  const literal = /^(\d+)$|^('\w*')::text$/.exec(value);
  if (!literal) throw new Error(`There is no way to write the default ${value}.`);
  return [`default(${literal[1] ?? literal[2]})`];
}

/** A key of this column alone, under the name that PostgreSQL gives it by itself. */
function isPrimaryKey(name: string, table: CatalogueTable, column: string): boolean {
  const [keyName, key] = primaryKeyOf(table);
  if (keyName === undefined || ![`${name}_pkey`, PRIMARY_KEY].includes(keyName)) {
    throw new Error(`The primary key of ${name} is not one that Drizzle would make.`);
  }
  return key?.columns.length === 1 && key.columns.includes(column);
}
