import { beforeAll, describe, expect, test } from 'vitest';
import { PLACEHOLDER_COMMENT } from '../../migrations/shared/leads.ts';
import { type Finding, runMigrations, verifySchema } from '../../src/index.ts';
import { serverMajor } from '../support/catalogue.ts';
import { createDatabase, createRole, type TestDatabase, withClient } from '../support/database.ts';
import { plantedMigrationsTable } from '../support/planted.ts';

/** A role with CREATE on the schema, and nothing else: on PostgreSQL 14 that is every role. */
let stranger: { readonly name: string; readonly password: string };
let installed: TestDatabase;

beforeAll(async () => {
  stranger = await createRole();
  installed = await createDatabase();
  await installed.query(`GRANT CREATE ON SCHEMA public TO ${stranger.name}`);
  await runMigrations({ databaseUrl: installed.url });
});

interface Attack {
  /** Run first, by the owner. */
  readonly owner?: string;
  /** Run by the stranger. */
  readonly stranger: string;
  /** Findings but those of level info. */
  readonly finds: readonly string[];
  /** What is left once every fix that is SQL was tried once. */
  readonly leaves?: readonly string[];
}

const inShort = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level !== 'info').map(({ code, object }) => `${code} ${object}`);

const isSql = (fix: string) => /^[A-Z]{2}/.test(fix);

const ATTACKS: Readonly<Record<string, Attack>> = {
  'functions that writing to the tables calls': {
    get owner() {
      return `CREATE FUNCTION public.note() RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT ''$$;
        ALTER FUNCTION public.note() OWNER TO ${stranger.name};
        ALTER TABLE visitors ADD COLUMN note text DEFAULT note(),
          ADD COLUMN copy text GENERATED ALWAYS AS (note()) STORED, ADD CONSTRAINT noted CHECK (note = note());
        CREATE INDEX by_note ON visitors (note());
        GRANT TRIGGER ON visitors TO ${stranger.name}`;
    },
    stranger: `CREATE FUNCTION public.audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER audit AFTER INSERT ON visitors FOR EACH ROW EXECUTE FUNCTION public.audit()`,
    finds: [
      'FUNCTION_EXPOSES function public.audit()',
      'FUNCTION_EXPOSES function public.note()',
      'FUNCTION_EXPOSES function public.note()',
      'FUNCTION_EXPOSES function public.note()',
      'FUNCTION_EXPOSES function public.note()',
      'EXCESS_PRIVILEGE table public.visitors',
    ],
  },
  'an overload of a function': {
    stranger: `CREATE FUNCTION public.claim_conversions(x text, y text) RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT'`,
    finds: ['FUNCTION_CONFLICT function public.claim_conversions(text,text)'],
  },
  'an overload that takes a documented call with an untyped literal': {
    stranger: `CREATE FUNCTION public.purge_tracking_data(t text, n integer) RETURNS void LANGUAGE sql AS 'SELECT'`,
    finds: ['FUNCTION_CONFLICT function public.purge_tracking_data(text,integer)'],
  },
  'more overloads than there are functions': {
    stranger: `DO $$ BEGIN FOR i IN 1..20 LOOP
      EXECUTE format('CREATE FUNCTION public.claim_conversions(%s) RETURNS void LANGUAGE sql AS ''SELECT''', rtrim(repeat('text,', i), ','));
      END LOOP; END $$`,
    finds: Array.from(
      { length: 20 },
      (_, place) =>
        `FUNCTION_CONFLICT function public.claim_conversions(${Array(place + 1)
          .fill('text')
          .join()})`,
    ).sort(),
  },
  'a procedure and an aggregate of our names': {
    stranger: `CREATE PROCEDURE public.record_events(x integer) LANGUAGE sql AS 'SELECT';
      CREATE AGGREGATE public.record_conversion(integer) (SFUNC = int4pl, STYPE = integer)`,
    finds: [
      'FUNCTION_CONFLICT aggregate public.record_conversion(integer)',
      'FUNCTION_CONFLICT procedure public.record_events(integer)',
    ],
  },
  'the function itself, once dropped': {
    owner: 'DROP FUNCTION record_events(jsonb)',
    stranger: `CREATE FUNCTION public.record_events(events jsonb) RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT'`,
    finds: ['OWNER_DIFFERS function public.record_events(jsonb)'],
  },
  'an aggregate with the signature of a function that was dropped': {
    owner: 'DROP FUNCTION record_events(jsonb)',
    stranger: `CREATE AGGREGATE public.record_events(jsonb) (SFUNC = jsonb_concat, STYPE = jsonb)`,
    finds: [
      'FUNCTION_MISSING function public.record_events(jsonb)',
      'FUNCTION_CONFLICT aggregate public.record_events(jsonb)',
    ],
    leaves: ['FUNCTION_MISSING function public.record_events(jsonb)'],
  },
  'the trigger function, once dropped': {
    owner: 'DROP FUNCTION tracking_set_updated_at() CASCADE',
    stranger: `CREATE FUNCTION public.tracking_set_updated_at() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
    finds: ['OWNER_DIFFERS function public.tracking_set_updated_at()'],
  },
  'a table of a dropped name, with a rule': {
    owner: 'DROP TABLE tracking_events',
    stranger: `CREATE TABLE public.tracking_events (id uuid);
      CREATE RULE pwn AS ON INSERT TO public.tracking_events DO ALSO SELECT 1;
      GRANT INSERT ON public.tracking_events TO PUBLIC`,
    finds: ['OWNER_DIFFERS table public.tracking_events'],
    leaves: ['OWNER_DIFFERS table public.tracking_events'],
  },
  'a view of a dropped name': {
    owner: 'DROP TABLE tracking_events; CREATE TABLE secrets (word text)',
    stranger: `CREATE VIEW public.tracking_events AS SELECT * FROM public.secrets`,
    finds: ['OWNER_DIFFERS table public.tracking_events'],
    leaves: ['OWNER_DIFFERS table public.tracking_events'],
  },
  'every table of ours, once dropped': {
    owner: 'DROP TABLE visitors, conversions, conversion_queue, tracking_events',
    stranger: `CREATE TABLE public.visitors (); CREATE TABLE public.conversions ();
      CREATE TABLE public.conversion_queue (); CREATE TABLE public.tracking_events ()`,
    finds: ['conversion_queue', 'conversions', 'tracking_events', 'visitors'].map(
      (table) => `OWNER_DIFFERS table public.${table}`,
    ),
    leaves: ['conversion_queue', 'conversions', 'tracking_events', 'visitors'].map(
      (table) => `OWNER_DIFFERS table public.${table}`,
    ),
  },
  'a table with the indexes of one that was dropped': {
    owner: 'DROP TABLE tracking_events',
    stranger: `CREATE TABLE public.trap (id uuid CONSTRAINT tracking_events_pkey PRIMARY KEY, visitor_id uuid);
      CREATE INDEX idx_tracking_events_visitor_id ON public.trap (visitor_id)`,
    finds: [
      'TABLE_MISSING table public.tracking_events',
      'CONSTRAINT_MISSING constraint tracking_events_visitor_id_fkey on public.tracking_events',
    ],
    leaves: [
      'TABLE_MISSING table public.tracking_events',
      'CONSTRAINT_MISSING constraint tracking_events_visitor_id_fkey on public.tracking_events',
    ],
  },
  'a materialized view that runs code of its own when refreshed': {
    stranger: `CREATE FUNCTION public.run() RETURNS text LANGUAGE sql AS 'SELECT current_user::text';
      CREATE MATERIALIZED VIEW public.trap AS SELECT public.run() FROM public.visitors WITH NO DATA`,
    finds: ['VIEW_EXPOSES materialized view public.trap'],
  },
  "a sequence of the name that the migrations table's had": {
    owner: 'DROP SEQUENCE tracking_migrations_id_seq CASCADE',
    stranger: 'CREATE SEQUENCE public.tracking_migrations_id_seq',
    finds: ['COLUMN_DEFAULT_DIFFERS column public.tracking_migrations.id'],
    leaves: ['COLUMN_DEFAULT_DIFFERS column public.tracking_migrations.id'],
  },
  'a table that looks like the placeholder': {
    owner: 'DROP TABLE leads CASCADE',
    stranger: `CREATE TABLE public.leads (id uuid PRIMARY KEY, created_at timestamptz);
      COMMENT ON TABLE public.leads IS '${PLACEHOLDER_COMMENT}'`,
    finds: [
      'CONSTRAINT_MISSING constraint conversions_lead_id_fkey on public.conversions',
      'OWNER_DIFFERS table public.leads',
    ],
    leaves: ['OWNER_DIFFERS table public.leads'],
  },
};

/** Objects of others that belong to the stranger, and what others may do with them. */
const OWNED = `
  SELECT 'table ' || c.oid::regclass AS object, pg_get_userbyid(c.relowner) AS owner, c.relacl::text AS acl FROM pg_class c
   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S')
  UNION ALL
  SELECT 'function ' || p.oid::regprocedure, pg_get_userbyid(p.proowner), NULL FROM pg_proc p
   WHERE p.pronamespace = 'public'::regnamespace`;

describe('what a role with nothing but CREATE on the schema makes', () => {
  test.each(Object.entries(ATTACKS))('is given nothing by the fixes: %s', async (_, attack) => {
    const db = await createDatabase(installed);
    const owned = () => db.query<{ object: string; owner: string; acl: string | null }>(OWNED);
    if (attack.owner) await db.query(attack.owner);
    const before = await owned();
    await withClient(db.urlFor(stranger.name, stranger.password), (client) =>
      client.query(attack.stranger),
    );
    const theirs = (await owned()).filter(({ owner }) => owner === stranger.name);

    const { ok, findings } = await verifySchema({ databaseUrl: db.url });
    expect(ok).toBe(false);
    expect(inShort(findings)).toEqual(attack.finds);
    for (const { fix = '' } of findings.filter(({ fix }) => isSql(fix ?? ''))) {
      await db
        .query(fix)
        .catch((error: unknown) => expect(String(error)).toMatch(/already exists|does not exist/));
    }
    expect(inShort((await verifySchema({ databaseUrl: db.url })).findings)).toEqual(
      attack.leaves ?? [],
    );

    // What is left of the stranger's is as it was, and nothing of the owner's is the stranger's.
    const after = await owned();
    for (const { object, acl } of theirs) {
      const left = after.find((one) => one.object === object && one.owner === stranger.name);
      expect(left === undefined || left.acl === acl, object).toBe(true);
    }
    for (const { object, owner } of before) {
      const now = after.find((one) => one.object === object);
      expect([owner, stranger.name, undefined]).toContain(now?.owner);
      if (!theirs.some((one) => one.object === object)) expect(now?.owner ?? owner).toBe(owner);
    }
  });
});

test('takes a member of the owner that can neither inherit nor set that role for a stranger', async () => {
  const db = await createDatabase();
  const owner = await createRole();
  const member = `GRANT ${owner.name} TO ${stranger.name} WITH INHERIT FALSE, SET FALSE`;
  if ((await serverMajor(db)) < 16) {
    // There is no such member.
    await expect(db.query(member)).rejects.toThrow('syntax error');
    return;
  }
  await db.query(member);
  await db.query(`GRANT CREATE ON SCHEMA public TO ${owner.name}, ${stranger.name}`);
  await runMigrations({ databaseUrl: db.urlFor(owner.name, owner.password) });
  await db.query(`DROP TABLE tracking_events; GRANT TRIGGER ON visitors TO ${stranger.name}`);
  await withClient(db.urlFor(stranger.name, stranger.password), (client) =>
    client.query(`
      CREATE TABLE public.tracking_events (id uuid);
      CREATE FUNCTION public.audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER audit AFTER INSERT ON visitors FOR EACH ROW EXECUTE FUNCTION public.audit()`),
  );
  const { findings } = await verifySchema({ databaseUrl: db.url });
  expect(inShort(findings)).toContain('FUNCTION_EXPOSES function public.audit()');
  const differs = findings.find(({ code }) => code === 'OWNER_DIFFERS');
  expect(differs?.fix).toContain('Find out who created it');
});

test('gives nothing to a role that has put a migrations table where nothing is installed', async () => {
  const db = await createDatabase();
  await db.query(`GRANT CREATE ON SCHEMA public TO ${stranger.name}`);
  await withClient(db.urlFor(stranger.name, stranger.password), (client) =>
    client.query(plantedMigrationsTable('tracking_migrations')),
  );
  const { findings } = await verifySchema({ databaseUrl: db.url });
  expect(inShort(findings)).toContain('OWNER_DIFFERS table public.tracking_migrations');
  for (const { fix = '' } of findings.filter(({ fix }) => isSql(fix ?? ''))) await db.query(fix);
  const owned = await db.query<{ object: string; owner: string }>(OWNED);
  expect(owned.length).toBeGreaterThan(10);
  const theirs = owned.filter(({ owner }) => owner === stranger.name).map(({ object }) => object);
  expect(theirs.sort()).toEqual(['table tracking_migrations', 'table tracking_migrations_id_seq']);
});

test.each([
  ['a function', 'DROP FUNCTION record_events(jsonb)', 'FUNCTION_MISSING'],
  ['a table', 'DROP TABLE tracking_events', 'TABLE_MISSING'],
  ['a sequence', 'DROP SEQUENCE tracking_migrations_id_seq CASCADE', 'COLUMN_DEFAULT_DIFFERS'],
  [
    'a function of another owner',
    'ALTER FUNCTION record_events(jsonb) OWNER TO stranger',
    'OWNER_DIFFERS',
  ],
])('the fix that creates %s is one statement, which fails as a whole', async (_, sql, code) => {
  const db = await createDatabase(installed);
  await db.query(sql.replace('stranger', stranger.name));
  const { findings } = await verifySchema({ databaseUrl: db.url });
  const { fix = '' } = findings.find((finding) => finding.code === code) ?? {};
  expect(fix).toContain('OWNER TO');
  // A prepared statement is a single one.
  await withClient(db.url, (client) => client.query({ name: 'fix', text: fix }));
  const again = (await verifySchema({ databaseUrl: db.url })).findings;
  expect(again.map((finding) => finding.code)).not.toContain(code);
});
