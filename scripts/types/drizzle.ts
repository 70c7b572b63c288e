import type { CatalogueTable } from '../../src/schema/catalogue.ts';
import { migrationsTable, TABLES, unions } from './columns.ts';
import { renderColumn } from './drizzle-columns.ts';
import {
  camelCase,
  foreignKeysOf,
  renderConstraints,
  renderIndexes,
} from './drizzle-constraints.ts';

/** The names that the module may take from drizzle-orm/pg-core, besides types. */
const BUILDERS = [
  ...['check', 'foreignKey', 'index', 'primaryKey', 'unique', 'uniqueIndex'],
  ...['boolean', 'integer', 'jsonb', 'numeric', 'serial', 'text', 'timestamp', 'uuid', 'varchar'],
];

/** What the rows of another table are to the one that they refer to. */
const MANY: Readonly<Record<string, string>> = {
  conversion_queue: 'queue',
  tracking_events: 'events',
};

const OURS = TABLES.filter(({ name }) => name !== 'leads');

/** The module of table objects for Drizzle. */
export function renderDrizzle(): string {
  const [leads] = TABLES.filter(({ name }) => name === 'leads');
  if (!leads) throw new Error('The manifest has no placeholder.');
  const body = `/** How tables are declared: \`pgTable\`, or the \`table\` of a \`pgSchema\`. */
export type DeclareTable = PgTableFn<string | undefined>;

/** A leads table, as far as it has to be known. */
export type LeadsTable = PgTable & { readonly id: AnyPgColumn<{ data: string }> };

/** The migrations table. */
export function declareMigrationsTable(table: DeclareTable) {
  return ${renderTable('tracking_migrations', migrationsTable())};
}

/** The placeholder for the leads table of the application. */
export function declareLeads(table: DeclareTable) {
  return ${renderTable('leads', leads.facts)};
}

/** The tables and their relations. */
export function declareTables<Leads extends LeadsTable>(table: DeclareTable, leads: Leads) {
${OURS.map(({ name, facts }) => `const ${camelCase(name)} = ${renderTable(name, facts)};`).join('\n\n')}

return {
${OURS.map(({ name }) => `${camelCase(name)},`).join('\n')}
${OURS.map(({ name, facts }) => renderRelations(name, facts)).join('')}
};
}
`;
  const builders = BUILDERS.filter((name) => new RegExp(`\\b${name}\\(`).test(body));
  return `// Generated: npm run generate.

import { relations, sql } from 'drizzle-orm';
import { type AnyPgColumn, type PgTable, type PgTableFn, ${builders.join(', ')} } from 'drizzle-orm/pg-core';
import type { ${[...unions().keys(), 'JsonObject'].sort().join(', ')} } from './rows.ts';

${body}`;
}

function renderTable(name: string, table: CatalogueTable): string {
  const columns = Object.keys(table.columns).map((column) => renderColumn(name, table, column));
  const others = [...renderConstraints(table), ...renderIndexes(table)];
  const list = others.length === 0 ? '' : `, (t) => [\n${others.join(',\n')}\n]`;
  const secured = table.rowSecurity ? '.enableRLS()' : '';
  return `table('${name}', {\n${columns.join('\n')}\n}${list})${secured}`;
}

/** A row's parents, each by its column without _id, and its children. */
function renderRelations(name: string, table: CatalogueTable): string {
  const own = camelCase(name);
  const parents = foreignKeysOf(table).map(({ column, parent, parentColumn }) => {
    const other = camelCase(parent);
    return `${column.replace(/_id$/, '')}: one(${other}, { fields: [${own}.${column}], references: [${other}.${parentColumn}] }),`;
  });
  const children = OURS.filter(({ facts }) =>
    foreignKeysOf(facts).some(({ parent }) => parent === name),
  ).map((child) => {
    const many = MANY[child.name];
    if (!many) throw new Error(`What are rows of ${child.name} to one of ${name}? See MANY.`);
    return `${many}: many(${camelCase(child.name)}),`;
  });
  if (parents.length + children.length === 0) return '';
  const helpers = [
    ...(parents.length > 0 ? ['one'] : []),
    ...(children.length > 0 ? ['many'] : []),
  ].join(', ');
  return `${own}Relations: relations(${own}, ({ ${helpers} }) => ({\n${[...parents, ...children].join('\n')}\n})),\n`;
}
