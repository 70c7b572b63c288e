import { type CatalogueTable, PRIMARY_KEY } from '../../src/schema/catalogue.ts';
import { unionOf } from './columns.ts';

/** Builders of columns, by the type without its parameters, and the options that each takes. */
const BUILDERS: Readonly<Record<string, (...parameters: string[]) => [string, string?]>> = {
  uuid: () => ['uuid'],
  text: () => ['text'],
  integer: () => ['integer'],
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
  const [, base = '', parameters = ''] = /^([a-z ]+)(?:\((.*)\))?$/.exec(type) ?? [];
  const found = BUILDERS[base];
  if (!found) throw new Error(`Drizzle has no builder for ${column}: ${type}.`);
  const [called, options] = found(...parameters.split(','));
  return `${called}('${column}'${options === undefined ? '' : `, ${options}`})`;
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

/** A key of one column, under the name that PostgreSQL gives it by itself. */
function isPrimaryKey(name: string, { constraints }: CatalogueTable, column: string): boolean {
  const found = Object.entries(constraints).find(([, { definition }]) =>
    definition.startsWith('PRIMARY KEY'),
  );
  const names = [`${name}_pkey`, PRIMARY_KEY];
  if (!found || !names.includes(found[0]) || found[1].columns.length !== 1) {
    throw new Error(`The primary key of ${name} is not one that Drizzle would make.`);
  }
  return found[1].columns.includes(column);
}
