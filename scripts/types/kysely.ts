import { type Column, TABLES, type Table, unions } from './columns.ts';

/** The module of types for Kysely. */
export function renderKysely(): string {
  return `// Generated: npm run generate.

import type { ColumnType, Generated } from 'kysely';
import type { ${[...unions().keys(), 'JsonObject'].sort().join(', ')} } from './rows.ts';

${TABLES.map(renderTable).join('\n')}
/**
 * The tables, for \`new Kysely<Database>()\`; to go with your own: \`Kysely<Database & MyTables>\`, or
 * \`Kysely<Omit<Database, 'leads'> & MyTables>\` where leads is yours.
 */
export interface Database {
${TABLES.map(({ name, row }) => `${name}: ${row}Table;`).join('\n')}
}
`;
}

function renderTable({ name, row, columns }: Table): string {
  return `/** The table ${name}. */
export interface ${row}Table {
${columns.map((column) => `${column.comment === '' ? '' : `/** ${column.comment} */\n`}${column.name}: ${typeOf(column)};`).join('\n')}
}
`;
}

/** Kysely lets a column that may be null be left out by itself. */
function typeOf({ read, write, nullable, hasDefault }: Column): string {
  const orNull = nullable ? ' | null' : '';
  if (read !== write) {
    const orDefault = nullable || hasDefault ? ' | undefined' : '';
    return `ColumnType<${read}${orNull}, ${write}${orNull}${orDefault}, ${write}${orNull}>`;
  }
  return hasDefault ? `Generated<${read}${orNull}>` : `${read}${orNull}`;
}
