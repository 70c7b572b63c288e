import { type Column, TABLES, type Table, unions } from './columns.ts';

/** Renders the module of plain row types. */
export function renderRows(): string {
  const lists = [...unions()].map(
    ([name, values]) =>
      `/** ${UNION_COMMENTS[name]} */\nexport type ${name} = ${values.map((value) => `'${value}'`).join(' | ')};\n`,
  );
  return `// Generated: npm run generate.

${lists.join('\n')}
/** The value of a jsonb column: an object. */
export type JsonObject = Readonly<Record<string, unknown>>;

${TABLES.map(renderTable).join('\n')}`;
}

const UNION_COMMENTS: Readonly<Record<string, string>> = {
  ConversionType: 'What the CRM reported about the lead.',
  Consent: 'Consent; null if unknown.',
  QueueStatus: 'Status of a queue entry.',
  UploadRequestStatus: 'Status of an upload request.',
};

function renderTable({ name, row, comment, columns }: Table): string {
  return `/** ${sentence(comment)} Types as pg returns them: a timestamptz is a Date, a numeric a string. */
export interface ${row} {
${columns.map((column) => `${doc(column)}readonly ${column.name}: ${column.read}${orNull(column)};`).join('\n')}
}

/** Columns for an INSERT into ${name}. */
export interface New${row} {
${columns.map((column) => `${doc(column)}${column.name}${isOptional(column) ? '?' : ''}: ${column.write}${orNull(column)}${isOptional(column) ? ' | undefined' : ''};`).join('\n')}
}

/** Columns for an UPDATE of ${name}. */
export type ${row}Update = Partial<New${row}>;
`;
}

const sentence = (text: string) => (text.endsWith('.') ? text : `${text}.`);
const doc = ({ comment }: Column) => (comment === '' ? '' : `/** ${comment} */\n`);
const orNull = ({ nullable }: Column) => (nullable ? ' | null' : '');
const isOptional = ({ nullable, hasDefault }: Column) => nullable || hasDefault;
