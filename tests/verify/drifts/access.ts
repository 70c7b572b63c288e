import type { Drift } from './drift.ts';

/** Changes to who can get at it. Run as the owner, with public on the search path. */
export const OF_ACCESS: Readonly<Record<string, Drift>> = {
  'row level security disabled': {
    sql: 'ALTER TABLE visitors DISABLE ROW LEVEL SECURITY',
    finds: ['RLS_DISABLED table public.visitors'],
  },
  'row level security disabled on the migrations table': {
    sql: 'ALTER TABLE tracking_migrations DISABLE ROW LEVEL SECURITY',
    finds: ['RLS_DISABLED table public.tracking_migrations'],
  },
  'row level security disabled on the placeholder': {
    sql: 'ALTER TABLE leads DISABLE ROW LEVEL SECURITY',
    finds: ['RLS_DISABLED table public.leads'],
  },
  'row level security forced on the owner': {
    sql: 'ALTER TABLE conversions FORCE ROW LEVEL SECURITY',
    finds: ['RLS_FORCED table public.conversions'],
  },
  'a policy': {
    sql: 'CREATE POLICY "all of it" ON conversions FOR SELECT TO anon USING (true)',
    finds: ['POLICY_ADDED table public.conversions'],
  },
  'a grant to anon': {
    sql: 'GRANT SELECT, INSERT ON tracking_events TO anon',
    finds: ['EXCESS_PRIVILEGE table public.tracking_events'],
  },
  'a grant to everybody': {
    sql: 'GRANT TRUNCATE ON visitors TO PUBLIC',
    finds: ['EXCESS_PRIVILEGE table public.visitors'],
  },
  'a grant to some other role': {
    sql: 'GRANT SELECT ON visitors TO reporter',
    finds: ['EXCESS_PRIVILEGE table public.visitors'],
  },
  'a grant that service_role does not need': {
    sql: 'GRANT TRUNCATE ON visitors TO service_role',
    finds: ['EXCESS_PRIVILEGE table public.visitors'],
  },
  'a grant that service_role has passed on': {
    sql: `GRANT SELECT ON visitors TO service_role WITH GRANT OPTION;
      SET ROLE service_role; GRANT SELECT ON visitors TO anon; RESET ROLE`,
    finds: ['EXCESS_PRIVILEGE table public.visitors', 'EXCESS_PRIVILEGE table public.visitors'],
  },
  'a grant on one column': {
    sql: 'GRANT SELECT (gclid) ON visitors TO authenticated',
    finds: ['EXCESS_PRIVILEGE column public.visitors.gclid'],
  },
  "a grant on one column of the application's own": {
    sql: 'ALTER TABLE visitors ADD COLUMN tenant text; GRANT UPDATE (tenant) ON visitors TO anon',
    finds: [
      'EXCESS_PRIVILEGE column public.visitors.tenant',
      'COLUMN_ADDED column public.visitors.tenant',
    ],
  },
  'a grant on the row type': {
    sql: 'GRANT USAGE ON TYPE visitors TO PUBLIC',
    finds: ['TYPE_PUBLIC type public.visitors'],
  },
  "a grant on the migrations table's sequence": {
    sql: 'GRANT USAGE ON SEQUENCE tracking_migrations_id_seq TO anon',
    finds: ['EXCESS_PRIVILEGE sequence public.tracking_migrations_id_seq'],
  },
  'a grant on a function': {
    sql: 'GRANT EXECUTE ON FUNCTION tracking_set_updated_at() TO PUBLIC',
    finds: ['EXCESS_PRIVILEGE function public.tracking_set_updated_at()'],
  },
  'an overload of a function': {
    sql: 'CREATE FUNCTION record_events(events text) RETURNS void LANGUAGE sql AS $$ SELECT $$',
    finds: ['FUNCTION_CONFLICT function public.record_events(text)'],
  },
  'a grant on the migrations table to write it': {
    sql: 'GRANT SELECT, INSERT ON tracking_migrations TO reporter',
    finds: ['EXCESS_PRIVILEGE table public.tracking_migrations'],
  },
  'a role that asks what is pending': {
    sql: 'GRANT SELECT ON tracking_migrations TO reporter',
    finds: ['MIGRATIONS_TABLE_READABLE table public.tracking_migrations'],
  },
  'the migrations table with a grant to anon': {
    sql: 'GRANT SELECT ON tracking_migrations TO anon',
    finds: ['EXCESS_PRIVILEGE table public.tracking_migrations'],
  },
  'a grant taken from service_role': {
    sql: 'REVOKE INSERT, DELETE ON conversion_queue FROM service_role',
    finds: ['PRIVILEGE_MISSING table public.conversion_queue'],
  },
  'a grant taken from the owner': {
    sql: 'REVOKE SELECT ON visitors FROM supabase_postgres',
    finds: ['PRIVILEGE_MISSING table public.visitors'],
  },
  'a view with a grant to anon': {
    sql: 'CREATE VIEW recent AS SELECT * FROM visitors; GRANT SELECT ON recent TO anon',
    finds: ['VIEW_EXPOSES view public.recent'],
  },
  'a view over a view, one column of it open': {
    sql: `CREATE SCHEMA reports; CREATE VIEW reports.inner_one AS SELECT gclid FROM conversions;
      CREATE VIEW reports.outer_one AS SELECT * FROM reports.inner_one;
      GRANT SELECT (gclid) ON reports.outer_one TO PUBLIC`,
    finds: ['VIEW_EXPOSES view reports.outer_one'],
  },
  'a materialized view with a grant to authenticated': {
    sql: 'CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM conversions; GRANT SELECT ON totals TO authenticated',
    finds: ['VIEW_EXPOSES materialized view public.totals'],
  },
  'another table with a rule that writes ours': {
    sql: `CREATE TABLE inbox (name text); GRANT INSERT ON inbox TO anon;
      CREATE RULE pass_on AS ON INSERT TO inbox DO ALSO INSERT INTO tracking_events (event_name) VALUES (NEW.name)`,
    finds: ['VIEW_EXPOSES table public.inbox'],
  },
  'a function with the rights of its owner that reads a table': {
    sql: `CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM public.visitors'`,
    finds: ['FUNCTION_EXPOSES function public.peek()'],
  },
  'a function with the rights of its owner that calls one that reads a view': {
    sql: `CREATE VIEW latest AS SELECT * FROM "visitors";
      REVOKE ALL ON latest FROM anon, authenticated, service_role;
      CREATE FUNCTION look() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM Latest); END';
      CREATE FUNCTION peek(how text) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT public.look()';
      REVOKE EXECUTE ON FUNCTION peek(text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION peek(text) TO authenticated`,
    finds: ['FUNCTION_EXPOSES function public.peek(text)'],
  },
  'a grant on a view that service_role has passed on': {
    sql: `CREATE VIEW recent AS SELECT * FROM visitors; REVOKE ALL ON recent FROM anon, authenticated;
      GRANT SELECT ON recent TO service_role WITH GRANT OPTION;
      SET ROLE service_role; GRANT SELECT ON recent TO anon; RESET ROLE`,
    finds: ['VIEW_EXPOSES view public.recent'],
  },
  'a materialized view over a function': {
    sql: `CREATE FUNCTION all_of_them() RETURNS SETOF text LANGUAGE sql AS 'SELECT gclid FROM public.visitors';
      CREATE MATERIALIZED VIEW copies AS SELECT * FROM all_of_them();
      REVOKE ALL ON copies FROM PUBLIC; GRANT SELECT ON copies TO anon`,
    finds: ['VIEW_EXPOSES materialized view public.copies'],
  },
  'a function with the rights of its owner that writes where a trigger writes on': {
    sql: `CREATE TABLE posts (title text); REVOKE ALL ON posts FROM anon, authenticated, service_role;
      CREATE FUNCTION pass_on() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO public.tracking_events (event_name) VALUES (NEW.title); RETURN NEW; END';
      CREATE TRIGGER pass_on BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION pass_on();
      CREATE FUNCTION submit() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO public.posts VALUES (NULL)'`,
    finds: ['FUNCTION_EXPOSES function public.submit()'],
  },
  'a trigger with the rights of its owner that strangers fire': {
    sql: `CREATE TABLE inbox (answer text); GRANT INSERT ON inbox TO anon;
      REVOKE ALL ON inbox FROM authenticated, service_role;
      CREATE FUNCTION answer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        'BEGIN NEW.answer := (SELECT max(gclid) FROM public.visitors); RETURN NEW; END';
      REVOKE ALL ON FUNCTION answer() FROM PUBLIC, anon, authenticated, service_role;
      CREATE TRIGGER answer BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION answer()`,
    finds: ['FUNCTION_EXPOSES function public.answer()'],
  },
  'an aggregate over a function with the rights of its owner': {
    sql: `CREATE FUNCTION step(text, int) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT max(gclid) FROM public.visitors';
      REVOKE ALL ON FUNCTION step(text, int) FROM PUBLIC, anon, authenticated, service_role;
      CREATE AGGREGATE peek(int) (SFUNC = step, STYPE = text)`,
    finds: ['FUNCTION_EXPOSES function public.step(text,integer)'],
  },
  'a function that names the database, and one that reads a view of an odd name': {
    sql: `CREATE VIEW "a""b" AS SELECT 1 FROM visitors; REVOKE ALL ON "a""b" FROM anon, authenticated, service_role;
      DO $$ BEGIN EXECUTE format('CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS %L',
        format('SELECT count(*) FROM %I.public . visitors', current_database())); END $$;
      CREATE FUNCTION look() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM "a""b"'`,
    finds: ['FUNCTION_EXPOSES function public.look()', 'FUNCTION_EXPOSES function public.peek()'],
  },
};
