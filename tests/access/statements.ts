import { type Queryable, serverMajor } from '../support/catalogue.ts';
import { createdSince, type FoundObject } from './objects.ts';
import { type SampleArgument, sampleArguments } from './sample-arguments.ts';
import type { Form, Statement, TableFacts } from './statement.ts';
import { columnStatements } from './statements-on-columns.ts';
import { tableStatements } from './statements-on-tables.ts';

/** Every statement, on everything that has been created since. */
export async function statementsOn(
  db: Queryable,
  before: readonly string[],
): Promise<readonly Statement[]> {
  const objects = await createdSince(db, before);
  const major = await serverMajor(db);
  const statements: Statement[] = [];
  for (const object of objects) {
    const forms = await formsOn(db, object, major);
    const on = `${object.kind} ${object.name}`;
    statements.push(...forms.map((form) => ({ ...form, on })));
  }
  return statements;
}

async function formsOn(
  db: Queryable,
  object: FoundObject,
  major: number,
): Promise<readonly Form[]> {
  const { kind, name, detail } = object;
  // No owner may enter the schema of the TOAST tables.
  if (name.startsWith('pg_toast.')) return [];
  switch (kind) {
    case 'relation':
      if (['r', 'p'].includes(detail)) return tableStatements(await tableFacts(db, object), major);
      return [{ name: 'SELECT', sql: `SELECT FROM ${name}` }];
    case 'column':
      return object.part > 0 && ['r', 'p'].includes(detail) ? columnStatements(object) : [];
    case 'sequence':
      return sequenceStatements(name);
    case 'function':
      return functionStatements(name, detail === 'trigger', await argumentsOf(db, object));
    case 'type':
      return ['c', 'A'].includes(detail) ? typeStatements(name, detail === 'A') : [];
    case 'index':
      return [
        { name: 'REINDEX INDEX', sql: `REINDEX INDEX ${name}` },
        { name: 'ALTER INDEX', sql: `ALTER INDEX ${name} RENAME TO renamed` },
        { name: 'COMMENT ON INDEX', sql: `COMMENT ON INDEX ${name} IS 'spied'` },
      ];
    default:
      return [];
  }
}

async function tableFacts(db: Queryable, { oid }: FoundObject): Promise<TableFacts> {
  const [facts] = await db.query<TableFacts>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name, quote_ident(a.attname) AS column,
            format_type(a.atttypid, a.atttypmod) AS type, quote_ident(k.relname) AS "keyIndex",
            (SELECT coalesce(json_agg(json_build_object('name', quote_ident(p.attname), 'type', format_type(p.atttypid, p.atttypmod))), '[]')
               FROM pg_attribute p WHERE p.attrelid = c.oid AND p.attnum = ANY (i.indkey)) AS key
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN LATERAL (
         SELECT * FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
            AND attgenerated = '' AND attidentity <> 'a' ORDER BY attnum LIMIT 1) a ON true
       LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
       LEFT JOIN pg_class k ON k.oid = i.indexrelid
      WHERE c.oid = $1`,
    [oid],
  );
  if (facts === undefined) throw new Error(`table ${oid} has no column to write`);
  return facts;
}

function sequenceStatements(name: string): readonly Form[] {
  return [
    { name: 'nextval', sql: `SELECT nextval('${name}')` },
    { name: 'setval', sql: `SELECT setval('${name}', 1000)` },
    // The right is looked at first; the owner has called nextval() in its session.
    { name: 'currval', sql: `SELECT currval('${name}')` },
    {
      name: 'nextval as a default',
      setup: `CREATE TABLE own.probe (id int DEFAULT nextval('${name}'), a int)`,
      sql: 'INSERT INTO own.probe (a) VALUES (1)',
    },
    { name: 'SELECT', sql: `SELECT last_value, is_called FROM ${name}` },
    { name: 'COPY TO STDOUT', sql: `COPY (SELECT last_value FROM ${name}) TO STDOUT` },
    { name: 'ALTER SEQUENCE RESTART', sql: `ALTER SEQUENCE ${name} RESTART` },
    { name: 'ALTER SEQUENCE OWNED BY', sql: `ALTER SEQUENCE ${name} OWNED BY NONE` },
    { name: 'COMMENT', sql: `COMMENT ON SEQUENCE ${name} IS 'spied'` },
    { name: 'GRANT', sql: `GRANT ALL ON SEQUENCE ${name} TO PUBLIC` },
    { name: 'DROP', sql: `DROP SEQUENCE ${name} CASCADE` },
  ];
}

async function argumentsOf(
  db: Queryable,
  { oid, name }: FoundObject,
): Promise<readonly SampleArgument[]> {
  const schema = name.slice(0, name.indexOf('.'));
  return (await sampleArguments(db, schema)).get(Number(oid)) ?? [];
}

/** What functions answer to a call that they have no use for, though the caller may call them. */
const REFUSED_BY_FUNCTION: Readonly<Record<string, string>> = { record_conversion: '22023' };

function functionStatements(
  name: string,
  isTrigger: boolean,
  samples: readonly SampleArgument[],
): readonly Form[] {
  const bare = name.slice(0, name.indexOf('('));
  const calls = samples.map(({ type, value }) => `'${value}'::${type}`).join(', ');
  const ownerGets = isTrigger ? '0A000' : REFUSED_BY_FUNCTION[bare.replace(/^.*\./, '')];
  const ofTrigger: Form[] = [
    {
      name: 'CREATE TRIGGER on a table of its own',
      setup: 'CREATE TABLE own.probe (updated_at timestamptz)',
      sql: `CREATE TRIGGER spy BEFORE UPDATE ON own.probe FOR EACH ROW EXECUTE FUNCTION ${bare}()`,
    },
    {
      name: 'CREATE TRIGGER on a temporary table',
      setup: 'CREATE TEMP TABLE probe (updated_at timestamptz)',
      sql: `CREATE TRIGGER spy BEFORE INSERT ON probe FOR EACH ROW EXECUTE FUNCTION ${bare}()`,
    },
  ];
  return [
    // The owner is told that a trigger function is not called so.
    { name: 'call', sql: `SELECT ${bare}(${calls})`, ownerGets },
    ...(isTrigger ? ofTrigger : []),
    { name: 'ALTER FUNCTION SECURITY DEFINER', sql: `ALTER ROUTINE ${name} SECURITY DEFINER` },
    { name: 'ALTER FUNCTION RENAME', sql: `ALTER ROUTINE ${name} RENAME TO renamed` },
    { name: 'ALTER FUNCTION OWNER', sql: `ALTER ROUTINE ${name} OWNER TO CURRENT_USER` },
    { name: 'COMMENT', sql: `COMMENT ON ROUTINE ${name} IS 'spied'` },
    { name: 'GRANT', sql: `GRANT EXECUTE ON ROUTINE ${name} TO PUBLIC` },
    { name: 'DROP', sql: `DROP ROUTINE ${name} CASCADE` },
  ];
}

function typeStatements(name: string, isArray: boolean): readonly Form[] {
  const ofRowType: Form[] = [
    { name: 'CREATE CAST', sql: `CREATE CAST (${name} AS text) WITH INOUT` },
    { name: 'COMMENT', sql: `COMMENT ON TYPE ${name} IS 'spied'` },
    { name: 'GRANT', sql: `GRANT USAGE ON TYPE ${name} TO PUBLIC` },
  ];
  return [
    { name: 'a column of the type', sql: `CREATE TABLE own.probe (v ${name})` },
    { name: 'a column of the type, temporary', sql: `CREATE TEMP TABLE probe (v ${name})` },
    {
      name: 'ADD COLUMN of the type',
      setup: 'CREATE TABLE own.probe ()',
      sql: `ALTER TABLE own.probe ADD COLUMN v ${name}`,
    },
    { name: 'CREATE DOMAIN', sql: `CREATE DOMAIN own.probe AS ${name}` },
    { name: 'CREATE TYPE with it', sql: `CREATE TYPE own.probe AS (v ${name})` },
    {
      name: 'CREATE FUNCTION taking it',
      sql: `CREATE FUNCTION own.probe(${name}) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    },
    {
      name: 'CREATE FUNCTION returning it',
      sql: `CREATE FUNCTION own.probe() RETURNS ${name} LANGUAGE sql AS 'SELECT NULL::${name}'`,
    },
    ...(isArray ? [] : ofRowType),
  ];
}
