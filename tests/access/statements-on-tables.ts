import type { Form, TableFacts } from './statement.ts';

const MERGE_SINCE = 15;

const LOCK_MODES = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
];

/**
 * Every statement on a table. Those that write touch no row: with row level security on, a policy
 * that is missing is refused with the same SQLSTATE as a right that is missing, and would hide it.
 */
export function tableStatements(table: TableFacts, major: number): readonly Form[] {
  const knowsMerge = major >= MERGE_SINCE;
  return [
    ...reads(table),
    ...writes(table, knowsMerge).flatMap((form) => [
      form,
      { ...form, name: `EXPLAIN ${form.name}`, sql: `EXPLAIN ${form.sql}` },
      { ...form, name: `EXPLAIN ANALYZE ${form.name}`, sql: `EXPLAIN ANALYZE ${form.sql}` },
    ]),
    ...locks(table),
    ...definitions(table),
    ...byOtherTables(table),
  ];
}

function reads({ name: t, column }: TableFacts): readonly Form[] {
  return [
    { name: 'SELECT', sql: `SELECT FROM ${t}` },
    { name: 'SELECT of whole rows', sql: `SELECT r FROM ${t} AS r` },
    { name: 'SELECT of every column', sql: `TABLE ${t}` },
    { name: 'SELECT count(*)', sql: `SELECT count(*) FROM ${t}` },
    { name: 'SELECT of a system column', sql: `SELECT ctid FROM ${t}` },
    { name: 'SELECT in a subquery', sql: `SELECT 1 WHERE EXISTS (SELECT FROM ${t})` },
    { name: 'TABLESAMPLE', sql: `SELECT FROM ${t} TABLESAMPLE SYSTEM (100)` },
    { name: 'SELECT FOR UPDATE', sql: `SELECT FROM ${t} FOR UPDATE` },
    { name: 'SELECT FOR KEY SHARE', sql: `SELECT FROM ${t} FOR KEY SHARE` },
    { name: 'EXPLAIN SELECT', sql: `EXPLAIN SELECT FROM ${t}` },
    { name: 'EXPLAIN ANALYZE SELECT', sql: `EXPLAIN ANALYZE SELECT FROM ${t}` },
    { name: 'COPY TO STDOUT', sql: `COPY ${t} TO STDOUT` },
    { name: 'COPY of a query', sql: `COPY (SELECT FROM ${t}) TO STDOUT` },
    { name: 'EXECUTE', setup: `PREPARE probe AS SELECT FROM ${t}`, sql: 'EXECUTE probe' },
    { name: 'DECLARE CURSOR', sql: `DECLARE probe CURSOR FOR SELECT FROM ${t}` },
    { name: 'DO', sql: `DO $$ BEGIN PERFORM FROM ${t}; END $$` },
    { name: 'table_to_xml', sql: `SELECT table_to_xml('${t}', true, false, '')` },
    { name: 'CREATE TABLE AS', sql: `CREATE TABLE own.probe AS SELECT ${column} FROM ${t}` },
    { name: 'SELECT INTO', sql: `SELECT ${column} INTO own.probe FROM ${t}` },
    {
      name: 'CREATE MATERIALIZED VIEW',
      sql: `CREATE MATERIALIZED VIEW own.probe AS SELECT ${column} FROM ${t}`,
    },
    {
      name: 'REFRESH MATERIALIZED VIEW',
      setup: `CREATE MATERIALIZED VIEW own.probe AS SELECT ${column} FROM ${t} WITH NO DATA`,
      sql: 'REFRESH MATERIALIZED VIEW own.probe',
    },
    {
      name: 'SELECT from a view over it',
      setup: `CREATE VIEW own.probe AS SELECT ${column} FROM ${t}`,
      sql: 'SELECT FROM own.probe',
    },
    {
      name: 'a function that reads it',
      setup: `CREATE FUNCTION own.probe() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM ${t}'`,
      sql: 'SELECT own.probe()',
    },
  ];
}

function writes({ name: t, column, type, key }: TableFacts, knowsMerge: boolean): readonly Form[] {
  const insert = `INSERT INTO ${t} (${column}) SELECT NULL::${type} WHERE false`;
  const target = key.map(({ name }) => name).join(', ');
  const merge = `MERGE INTO ${t} AS r USING (SELECT 1 WHERE false) AS s ON false WHEN`;
  return [
    { name: 'INSERT', sql: insert },
    { name: 'INSERT RETURNING', sql: `${insert} RETURNING ${column}` },
    { name: 'INSERT ON CONFLICT DO NOTHING', sql: `${insert} ON CONFLICT DO NOTHING` },
    ...(key.length > 0
      ? [
          {
            name: 'INSERT ON CONFLICT DO UPDATE',
            sql: `${insert} ON CONFLICT (${target}) DO UPDATE SET ${column} = DEFAULT`,
          },
        ]
      : []),
    { name: 'UPDATE', sql: `UPDATE ${t} SET ${column} = DEFAULT WHERE false` },
    { name: 'UPDATE of what it reads', sql: `UPDATE ${t} SET ${column} = ${column} WHERE false` },
    { name: 'DELETE', sql: `DELETE FROM ${t} WHERE false` },
    { name: 'DELETE RETURNING', sql: `DELETE FROM ${t} WHERE false RETURNING ${column}` },
    ...(knowsMerge
      ? [
          { name: 'MERGE INSERT', sql: `${merge} NOT MATCHED THEN INSERT DEFAULT VALUES` },
          { name: 'MERGE UPDATE', sql: `${merge} MATCHED THEN UPDATE SET ${column} = DEFAULT` },
          { name: 'MERGE DELETE', sql: `${merge} MATCHED THEN DELETE` },
        ]
      : []),
  ];
}

function locks({ name: t }: TableFacts): readonly Form[] {
  return LOCK_MODES.map((mode) => ({ name: `LOCK ${mode}`, sql: `LOCK ${t} IN ${mode} MODE` }));
}

function definitions({ name: t, column, keyIndex }: TableFacts): readonly Form[] {
  const alter = (name: string, action: string): Form => ({
    name: `ALTER TABLE ${name}`,
    sql: `ALTER TABLE ${t} ${action}`,
  });
  return [
    // The driver has no rows to send; the server asks for them once the right is there.
    { name: 'COPY FROM STDIN', sql: `COPY ${t} FROM STDIN`, ownerGets: '57014' },
    { name: 'TRUNCATE', sql: `TRUNCATE ${t}`, control: `TRUNCATE ${t} CASCADE` },
    { name: 'TRUNCATE CASCADE', sql: `TRUNCATE ${t} CASCADE` },
    {
      name: 'CREATE TRIGGER',
      sql: `CREATE TRIGGER spy BEFORE UPDATE ON ${t} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    },
    { name: 'CREATE RULE', sql: `CREATE RULE spy AS ON DELETE TO ${t} DO ALSO NOTHING` },
    { name: 'CREATE POLICY', sql: `CREATE POLICY spy ON ${t} USING (true)` },
    { name: 'CREATE INDEX', sql: `CREATE INDEX ON ${t} (${column})` },
    {
      name: 'CREATE STATISTICS',
      sql: `CREATE STATISTICS own.probe ON (${column} IS NULL) FROM ${t}`,
    },
    alter('ADD COLUMN', 'ADD COLUMN spied text'),
    alter('DROP COLUMN', `DROP COLUMN ${column} CASCADE`),
    alter('DISABLE ROW LEVEL SECURITY', 'DISABLE ROW LEVEL SECURITY'),
    alter('FORCE ROW LEVEL SECURITY', 'FORCE ROW LEVEL SECURITY'),
    alter('DISABLE TRIGGER', 'DISABLE TRIGGER USER'),
    alter('OWNER', 'OWNER TO CURRENT_USER'),
    alter('RENAME', 'RENAME TO renamed'),
    alter('RENAME COLUMN', `RENAME COLUMN ${column} TO renamed`),
    alter('SET SCHEMA', 'SET SCHEMA own'),
    alter('SET', 'SET (fillfactor = 50)'),
    alter('REPLICA IDENTITY', 'REPLICA IDENTITY FULL'),
    { name: 'COMMENT', sql: `COMMENT ON TABLE ${t} IS 'spied'` },
    { name: 'DROP', sql: `DROP TABLE ${t} CASCADE` },
    { name: 'GRANT', sql: `GRANT ALL ON ${t} TO PUBLIC` },
    { name: 'REVOKE', sql: `REVOKE ALL ON ${t} FROM PUBLIC` },
    { name: 'REINDEX', sql: `REINDEX TABLE ${t}` },
    ...(keyIndex === null ? [] : [{ name: 'CLUSTER', sql: `CLUSTER ${t} USING ${keyIndex}` }]),
  ];
}

/** Ways in from objects of the stranger's own. */
function byOtherTables({ name: t, column, key }: TableFacts): readonly Form[] {
  const columns = key.map(({ name }) => name).join(', ');
  const probe = `CREATE TABLE own.probe (${key.map(({ name, type }) => `${name} ${type}`).join(', ')})`;
  const foreignKeys: Form[] = [
    {
      name: 'FOREIGN KEY',
      setup: probe,
      sql: `ALTER TABLE own.probe ADD FOREIGN KEY (${columns}) REFERENCES ${t} (${columns})`,
    },
    {
      name: 'FOREIGN KEY NOT VALID',
      setup: probe,
      sql: `ALTER TABLE own.probe ADD FOREIGN KEY (${columns}) REFERENCES ${t} NOT VALID`,
    },
  ];
  return [
    ...(key.length > 0 ? foreignKeys : []),
    { name: 'INHERITS', sql: `CREATE TABLE own.probe () INHERITS (${t})` },
    { name: 'LIKE', sql: `CREATE TABLE own.probe (LIKE ${t})` },
    { name: 'LIKE, temporary', sql: `CREATE TEMP TABLE probe (LIKE ${t} INCLUDING ALL)` },
    {
      name: 'a sequence owned by it',
      setup: 'CREATE SEQUENCE own.probe',
      sql: `ALTER SEQUENCE own.probe OWNED BY ${t}.${column}`,
      control: `CREATE SEQUENCE public.probe OWNED BY ${t}.${column}`,
      // The server compares the owners, and has no SQLSTATE of a right for that.
      refusal: { code: '55000', message: /same owner/ },
    },
  ];
}
