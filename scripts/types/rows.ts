import { type Column, TABLES, type Table, unions } from './columns.ts';

/** The module of plain row types. */
export function renderRows(): string {
  const lists = [...unions()].map(
    ([name, values]) =>
      `/** ${UNION_COMMENTS[name]} */\nexport type ${name} = ${values.map((value) => `'${value}'`).join(' | ')};\n`,
  );
  return `// Generated: npm run generate.

${lists.join('\n')}
/** What a column of type jsonb holds here. */
export type JsonObject = Readonly<Record<string, unknown>>;

${TABLES.map(renderTable).join('\n')}`;
}

const UNION_COMMENTS: Readonly<Record<string, string>> = {
  ConversionType: 'What the CRM has reported of a lead.',
  Consent: 'Whether somebody has consented; null where it is not known.',
  QueueStatus: 'Where a queue entry stands.',
};

function renderTable({ name, row, comment, columns }: Table): string {
  return `/** ${sentence(comment)} A row as pg gives it: a timestamptz is a Date, a numeric a string. */
export interface ${row} {
${columns.map((column) => `${doc(column)}readonly ${column.name}: ${column.read}${orNull(column)};`).join('\n')}
}

/** What an INSERT into ${name} takes. */
export interface New${row} {
${columns.map((column) => `${doc(column)}${column.name}${isOptional(column) ? '?' : ''}: ${column.write}${orNull(column)}${isOptional(column) ? ' | undefined' : ''};`).join('\n')}
}

/** What an UPDATE of ${name} sets. */
export type ${row}Update = Partial<New${row}>;
`;
}

const sentence = (text: string) => (text.endsWith('.') ? text : `${text}.`);
const doc = ({ comment }: Column) => (comment === '' ? '' : `/** ${comment} */\n`);
const orNull = ({ nullable }: Column) => (nullable ? ' | null' : '');
const isOptional = ({ nullable, hasDefault }: Column) => nullable || hasDefault;
