import type { FoundObject } from './objects.ts';
import type { Form } from './statement.ts';

/** What a privilege on one column would allow. */
export function columnStatements({ name }: FoundObject): readonly Form[] {
  const at = splitColumn(name);
  return [
    { name: 'SELECT', sql: `SELECT ${at.column} FROM ${at.table}` },
    { name: 'COPY TO STDOUT', sql: `COPY ${at.table} (${at.column}) TO STDOUT` },
    {
      name: 'INSERT',
      sql: `INSERT INTO ${at.table} (${at.column}) SELECT (NULL::${at.table}).${at.column} WHERE false`,
    },
    { name: 'UPDATE', sql: `UPDATE ${at.table} SET ${at.column} = DEFAULT WHERE false` },
    {
      name: 'ALTER COLUMN',
      sql: `ALTER TABLE ${at.table} ALTER COLUMN ${at.column} SET STATISTICS 10`,
    },
    { name: 'COMMENT', sql: `COMMENT ON COLUMN ${name} IS 'spied'` },
    { name: 'GRANT', sql: `GRANT SELECT (${at.column}) ON ${at.table} TO PUBLIC` },
  ];
}

function splitColumn(name: string): { table: string; column: string } {
  const [, table = '', column = ''] = /^(.*)\.("(?:[^"]|"")+"|[^."]+)$/.exec(name) ?? [];
  return { table, column };
}
