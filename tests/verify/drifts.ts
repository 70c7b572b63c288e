import type { FindingCode } from '../../src/index.ts';

/** One way in which somebody changes a healthy schema by hand. */
export interface Drift {
  readonly sql: string;
  /** What is found, in order: the codes, each with its object. */
  readonly finds: readonly `${FindingCode} ${string}`[];
}

/** Every kind of drift, by what it is. Run as the owner, with public on the search path. */
export const DRIFTS: Readonly<Record<string, Drift>> = {
  'a table dropped': {
    sql: 'DROP TABLE tracking_events',
    finds: [
      'TABLE_MISSING table public.tracking_events',
      'CONSTRAINT_MISSING constraint tracking_events_visitor_id_fkey on public.tracking_events',
    ],
  },
  'a table dropped to which others refer': {
    sql: 'DROP TABLE conversions CASCADE',
    finds: [
      'TABLE_MISSING table public.conversions',
      'CONSTRAINT_MISSING constraint conversion_queue_conversion_id_fkey on public.conversion_queue',
      'CONSTRAINT_MISSING constraint conversions_lead_id_fkey on public.conversions',
      'TRIGGER_MISSING trigger conversions_set_updated_at on public.conversions',
    ],
  },
  'the stand-in dropped': {
    sql: 'DROP TABLE leads CASCADE',
    finds: [
      'TABLE_MISSING table public.leads',
      'CONSTRAINT_MISSING constraint conversions_lead_id_fkey on public.conversions',
    ],
  },
  'a table renamed': {
    sql: 'ALTER TABLE tracking_events RENAME TO events',
    finds: ['TABLE_RENAMED table public.tracking_events'],
  },
  'a column renamed': {
    sql: 'ALTER TABLE visitors RENAME COLUMN visitor_id TO "Cookie"',
    finds: ['COLUMN_RENAMED column public.visitors.visitor_id'],
  },
  'a table that is not logged': {
    sql: 'ALTER TABLE tracking_events SET UNLOGGED',
    finds: ['TABLE_UNFIT table public.tracking_events'],
  },
  'a table with a child': {
    sql: 'CREATE TABLE more () INHERITS (tracking_events)',
    finds: ['TABLE_UNFIT table public.tracking_events'],
  },
  'a rewrite rule': {
    sql: 'CREATE RULE swallow AS ON INSERT TO visitors DO INSTEAD NOTHING',
    finds: ['TABLE_UNFIT table public.visitors'],
  },
  'a column dropped': {
    sql: 'ALTER TABLE visitors DROP COLUMN utm_term',
    finds: ['COLUMN_MISSING column public.visitors.utm_term'],
  },
  'a column dropped with its index': {
    sql: 'ALTER TABLE visitors DROP COLUMN gclid',
    finds: [
      'COLUMN_MISSING column public.visitors.gclid',
      'INDEX_MISSING index public.idx_visitors_gclid',
    ],
  },
  'a column of another type': {
    sql: 'ALTER TABLE visitors ALTER COLUMN referrer TYPE varchar(300)',
    finds: ['COLUMN_TYPE column public.visitors.referrer'],
  },
  'a column with a default of another type': {
    sql: 'ALTER TABLE conversion_queue ALTER COLUMN max_retries TYPE bigint',
    finds: ['COLUMN_TYPE column public.conversion_queue.max_retries'],
  },
  'a column with another collation': {
    sql: 'ALTER TABLE visitors ALTER COLUMN user_agent TYPE text COLLATE "C"',
    finds: ['COLUMN_TYPE column public.visitors.user_agent'],
  },
  'a column that may be null': {
    sql: 'ALTER TABLE tracking_events ALTER COLUMN event_name DROP NOT NULL',
    finds: ['COLUMN_NOT_NULL column public.tracking_events.event_name'],
  },
  'a column that may not be null': {
    sql: 'ALTER TABLE visitors ALTER COLUMN gclid SET NOT NULL',
    finds: ['COLUMN_NOT_NULL column public.visitors.gclid'],
  },
  'a default dropped': {
    sql: 'ALTER TABLE conversion_queue ALTER COLUMN status DROP DEFAULT',
    finds: ['COLUMN_DEFAULT column public.conversion_queue.status'],
  },
  'a default added': {
    sql: "ALTER TABLE visitors ALTER COLUMN referrer SET DEFAULT 'none'",
    finds: ['COLUMN_DEFAULT column public.visitors.referrer'],
  },
  "the ledger's default dropped": {
    sql: 'ALTER TABLE tracking_migrations ALTER COLUMN id DROP DEFAULT',
    finds: ['COLUMN_DEFAULT column public.tracking_migrations.id'],
  },
  "the ledger's sequence dropped": {
    sql: 'DROP SEQUENCE tracking_migrations_id_seq CASCADE',
    finds: ['COLUMN_DEFAULT column public.tracking_migrations.id'],
  },
  "the ledger's primary key dropped": {
    sql: 'ALTER TABLE tracking_migrations DROP CONSTRAINT tracking_migrations_pkey',
    finds: ['CONSTRAINT_MISSING constraint "PRIMARY KEY" on public.tracking_migrations'],
  },
  "a column of the host's own": {
    sql: 'ALTER TABLE visitors ADD COLUMN tenant text',
    finds: ['COLUMN_ADDED column public.visitors.tenant'],
  },
  "a column of the host's own that refuses our rows": {
    sql: 'ALTER TABLE visitors ADD COLUMN tenant text NOT NULL',
    finds: ['COLUMN_IN_THE_WAY column public.visitors.tenant'],
  },
  'a check dropped': {
    sql: 'ALTER TABLE visitors DROP CONSTRAINT visitors_ip_hash_check',
    finds: ['CONSTRAINT_MISSING constraint visitors_ip_hash_check on public.visitors'],
  },
  'a unique constraint dropped': {
    sql: 'ALTER TABLE visitors DROP CONSTRAINT idx_visitors_visitor_id',
    finds: ['CONSTRAINT_MISSING constraint idx_visitors_visitor_id on public.visitors'],
  },
  'a unique constraint replaced by an index of its name': {
    sql: `ALTER TABLE visitors DROP CONSTRAINT idx_visitors_visitor_id;
      CREATE INDEX idx_visitors_visitor_id ON visitors (visitor_id)`,
    finds: [
      'INDEX_IN_THE_WAY index public.idx_visitors_visitor_id',
      'CONSTRAINT_MISSING constraint idx_visitors_visitor_id on public.visitors',
    ],
  },
  'a primary key dropped with what refers to it': {
    sql: 'ALTER TABLE conversions DROP CONSTRAINT conversions_pkey CASCADE',
    finds: [
      'CONSTRAINT_MISSING constraint conversions_pkey on public.conversions',
      'CONSTRAINT_MISSING constraint conversion_queue_conversion_id_fkey on public.conversion_queue',
    ],
  },
  'a foreign key dropped': {
    sql: 'ALTER TABLE conversions DROP CONSTRAINT conversions_lead_id_fkey',
    finds: ['CONSTRAINT_MISSING constraint conversions_lead_id_fkey on public.conversions'],
  },
  'a foreign key that cascades in another way': {
    sql: `ALTER TABLE tracking_events DROP CONSTRAINT tracking_events_visitor_id_fkey,
      ADD CONSTRAINT tracking_events_visitor_id_fkey FOREIGN KEY (visitor_id) REFERENCES visitors (id) ON DELETE CASCADE`,
    finds: [
      'CONSTRAINT_DIFFERS constraint tracking_events_visitor_id_fkey on public.tracking_events',
    ],
  },
  'a check that allows more': {
    sql: `ALTER TABLE conversions DROP CONSTRAINT conversions_conversion_type_check,
      ADD CONSTRAINT conversions_conversion_type_check CHECK (conversion_type <> '')`,
    finds: [
      'CONSTRAINT_DIFFERS constraint conversions_conversion_type_check on public.conversions',
    ],
  },
  'a check that was never validated': {
    sql: `ALTER TABLE conversions DROP CONSTRAINT conversions_conversion_currency_check,
      ADD CONSTRAINT conversions_conversion_currency_check CHECK (conversion_currency ~ '^[A-Z]{3}$') NOT VALID`,
    finds: [
      'CONSTRAINT_DIFFERS constraint conversions_conversion_currency_check on public.conversions',
    ],
  },
  'a type that other definitions lean on': {
    sql: 'ALTER TABLE conversion_queue ALTER COLUMN status TYPE varchar(20)',
    finds: [
      'COLUMN_TYPE column public.conversion_queue.status',
      'CONSTRAINT_DIFFERS constraint conversion_queue_status_check on public.conversion_queue',
      'INDEX_DIFFERS index public.idx_queue_status_next_retry',
    ],
  },
  'a constraint renamed': {
    sql: 'ALTER TABLE conversions RENAME CONSTRAINT idx_conversions_idempotency_key TO one_key',
    finds: ['CONSTRAINT_RENAMED constraint idx_conversions_idempotency_key on public.conversions'],
  },
  'a constraint that refuses our rows': {
    sql: "ALTER TABLE conversion_queue ADD CONSTRAINT only_google CHECK (platform = 'google_ads')",
    finds: ['CONSTRAINT_IN_THE_WAY constraint only_google on public.conversion_queue'],
  },
  'a unique constraint that refuses our rows': {
    sql: 'ALTER TABLE conversions ADD CONSTRAINT one_per_lead UNIQUE (lead_id)',
    finds: ['CONSTRAINT_IN_THE_WAY constraint one_per_lead on public.conversions'],
  },
  "a constraint on a column of the host's own": {
    sql: `ALTER TABLE visitors ADD COLUMN tenant text CONSTRAINT tenant_check CHECK (tenant <> '')`,
    finds: [
      'COLUMN_ADDED column public.visitors.tenant',
      'CONSTRAINT_ADDED constraint tenant_check on public.visitors',
    ],
  },
  'an index dropped': {
    sql: 'DROP INDEX idx_queue_status_next_retry',
    finds: ['INDEX_MISSING index public.idx_queue_status_next_retry'],
  },
  'an index on other columns': {
    sql: 'DROP INDEX idx_queue_platform; CREATE INDEX idx_queue_platform ON conversion_queue (platform, status)',
    finds: ['INDEX_DIFFERS index public.idx_queue_platform'],
  },
  'an index without its predicate': {
    sql: 'DROP INDEX idx_visitors_gclid; CREATE INDEX idx_visitors_gclid ON visitors (gclid)',
    finds: ['INDEX_DIFFERS index public.idx_visitors_gclid'],
  },
  'an index that is unique': {
    sql: 'DROP INDEX idx_queue_conversion_id; CREATE UNIQUE INDEX idx_queue_conversion_id ON conversion_queue (conversion_id)',
    finds: ['INDEX_DIFFERS index public.idx_queue_conversion_id'],
  },
  'an index renamed': {
    sql: 'ALTER INDEX idx_conversions_type RENAME TO by_type',
    finds: ['INDEX_RENAMED index public.idx_conversions_type'],
  },
  "an index of the host's own": {
    sql: 'CREATE INDEX by_referrer ON visitors (referrer)',
    finds: ['INDEX_ADDED index public.by_referrer'],
  },
  'a second index on the same columns': {
    sql: 'CREATE INDEX by_visitor_id ON visitors (visitor_id)',
    finds: ['INDEX_ADDED index public.by_visitor_id'],
  },
  'a unique index that refuses our rows': {
    sql: 'CREATE UNIQUE INDEX once ON conversion_queue (conversion_id)',
    finds: ['INDEX_IN_THE_WAY index public.once'],
  },
  "a trigger of the host's own": {
    sql: `CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER audit AFTER INSERT ON visitors FOR EACH ROW EXECUTE FUNCTION audit()`,
    finds: ['TRIGGER_ADDED trigger audit on public.visitors'],
  },
  'a trigger dropped': {
    sql: 'DROP TRIGGER conversions_set_updated_at ON conversions',
    finds: ['TRIGGER_MISSING trigger conversions_set_updated_at on public.conversions'],
  },
  'a trigger without its condition': {
    sql: `CREATE OR REPLACE TRIGGER conversions_set_updated_at BEFORE UPDATE ON conversions
      FOR EACH ROW EXECUTE FUNCTION tracking_set_updated_at()`,
    finds: ['TRIGGER_DIFFERS trigger conversions_set_updated_at on public.conversions'],
  },
  'a trigger disabled': {
    sql: 'ALTER TABLE conversions DISABLE TRIGGER conversions_set_updated_at',
    finds: ['TRIGGER_DISABLED trigger conversions_set_updated_at on public.conversions'],
  },
  'a function dropped with its triggers': {
    sql: 'DROP FUNCTION tracking_set_updated_at() CASCADE',
    finds: [
      'FUNCTION_MISSING function public.tracking_set_updated_at()',
      'TRIGGER_MISSING trigger conversion_queue_set_updated_at on public.conversion_queue',
      'TRIGGER_MISSING trigger conversions_set_updated_at on public.conversions',
    ],
  },
  'a function with another body': {
    sql: `CREATE OR REPLACE FUNCTION tracking_set_updated_at() RETURNS trigger LANGUAGE plpgsql
      SET search_path = '' AS 'BEGIN RETURN NEW; END'`,
    finds: ['FUNCTION_DIFFERS function public.tracking_set_updated_at()'],
  },
  'a function without its search_path': {
    sql: 'ALTER FUNCTION tracking_set_updated_at() RESET search_path',
    finds: ['FUNCTION_DIFFERS function public.tracking_set_updated_at()'],
  },
  'a function with the rights of its owner': {
    sql: 'ALTER FUNCTION tracking_set_updated_at() SECURITY DEFINER',
    finds: ['FUNCTION_DIFFERS function public.tracking_set_updated_at()'],
  },
  'a migration taken out of the ledger': {
    sql: "DELETE FROM tracking_migrations WHERE name LIKE '%add-checks'",
    finds: ['LEDGER_DAMAGED table public.tracking_migrations'],
  },
  'a migration recorded twice': {
    sql: "INSERT INTO tracking_migrations (name, run_on) SELECT name, now() FROM tracking_migrations WHERE name LIKE '%add-checks'",
    finds: ['LEDGER_DAMAGED table public.tracking_migrations'],
  },
  'migrations that are pending': {
    sql: "DELETE FROM tracking_migrations WHERE name LIKE '%declare-release'",
    finds: ['MIGRATIONS_PENDING table public.tracking_migrations'],
  },
  'row level security disabled': {
    sql: 'ALTER TABLE visitors DISABLE ROW LEVEL SECURITY',
    finds: ['RLS_DISABLED table public.visitors'],
  },
  'row level security disabled on the ledger': {
    sql: 'ALTER TABLE tracking_migrations DISABLE ROW LEVEL SECURITY',
    finds: ['RLS_DISABLED table public.tracking_migrations'],
  },
  'row level security disabled on the stand-in': {
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
    finds: ['GRANT_ADDED table public.tracking_events'],
  },
  'a grant to everybody': {
    sql: 'GRANT TRUNCATE ON visitors TO PUBLIC',
    finds: ['GRANT_ADDED table public.visitors'],
  },
  'a grant to some other role': {
    sql: 'GRANT SELECT ON visitors TO reporter',
    finds: ['GRANT_ADDED table public.visitors'],
  },
  'a grant that service_role does not need': {
    sql: 'GRANT TRUNCATE ON visitors TO service_role',
    finds: ['GRANT_ADDED table public.visitors'],
  },
  'a grant that service_role has passed on': {
    sql: `GRANT SELECT ON visitors TO service_role WITH GRANT OPTION;
      SET ROLE service_role; GRANT SELECT ON visitors TO anon; RESET ROLE`,
    finds: ['GRANT_ADDED table public.visitors', 'GRANT_ADDED table public.visitors'],
  },
  'a grant on one column': {
    sql: 'GRANT SELECT (gclid) ON visitors TO authenticated',
    finds: ['GRANT_ADDED column public.visitors.gclid'],
  },
  "a grant on one column of the host's own": {
    sql: 'ALTER TABLE visitors ADD COLUMN tenant text; GRANT UPDATE (tenant) ON visitors TO anon',
    finds: [
      'GRANT_ADDED column public.visitors.tenant',
      'COLUMN_ADDED column public.visitors.tenant',
    ],
  },
  'a grant on the row type': {
    sql: 'GRANT USAGE ON TYPE visitors TO PUBLIC',
    finds: ['TYPE_OPEN type public.visitors'],
  },
  "a grant on the ledger's sequence": {
    sql: 'GRANT USAGE ON SEQUENCE tracking_migrations_id_seq TO anon',
    finds: ['GRANT_ADDED sequence public.tracking_migrations_id_seq'],
  },
  'a grant on a function': {
    sql: 'GRANT EXECUTE ON FUNCTION tracking_set_updated_at() TO PUBLIC',
    finds: ['GRANT_ADDED function public.tracking_set_updated_at()'],
  },
  'a grant on the ledger to write it': {
    sql: 'GRANT SELECT, INSERT ON tracking_migrations TO reporter',
    finds: ['GRANT_ADDED table public.tracking_migrations'],
  },
  'a role that asks what is pending': {
    sql: 'GRANT SELECT ON tracking_migrations TO reporter',
    finds: ['LEDGER_READER table public.tracking_migrations'],
  },
  'the ledger open to anon': {
    sql: 'GRANT SELECT ON tracking_migrations TO anon',
    finds: ['GRANT_ADDED table public.tracking_migrations'],
  },
  'a grant taken from service_role': {
    sql: 'REVOKE INSERT, DELETE ON conversion_queue FROM service_role',
    finds: ['GRANT_MISSING table public.conversion_queue'],
  },
  'a grant taken from the owner': {
    sql: 'REVOKE SELECT ON visitors FROM supabase_postgres',
    finds: ['GRANT_MISSING table public.visitors'],
  },
  'a view open to anon': {
    sql: 'CREATE VIEW recent AS SELECT * FROM visitors; GRANT SELECT ON recent TO anon',
    finds: ['VIEW_REACHES view public.recent'],
  },
  'a view over a view, one column of it open': {
    sql: `CREATE SCHEMA reports; CREATE VIEW reports.inner_one AS SELECT gclid FROM conversions;
      CREATE VIEW reports.outer_one AS SELECT * FROM reports.inner_one;
      GRANT SELECT (gclid) ON reports.outer_one TO PUBLIC`,
    finds: ['VIEW_REACHES view reports.outer_one'],
  },
  'a materialized view open to authenticated': {
    sql: 'CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM conversions; GRANT SELECT ON totals TO authenticated',
    finds: ['VIEW_REACHES materialized view public.totals'],
  },
  'another table with a rule that writes ours': {
    sql: `CREATE TABLE inbox (name text); GRANT INSERT ON inbox TO anon;
      CREATE RULE pass_on AS ON INSERT TO inbox DO ALSO INSERT INTO tracking_events (event_name) VALUES (NEW.name)`,
    finds: ['VIEW_REACHES table public.inbox'],
  },
  'a function with the rights of its owner that reads a table': {
    sql: `CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM public.visitors'`,
    finds: ['FUNCTION_REACHES function public.peek()'],
  },
  'a function with the rights of its owner that calls one that reads a view': {
    sql: `CREATE VIEW latest AS SELECT * FROM "visitors";
      REVOKE ALL ON latest FROM anon, authenticated, service_role;
      CREATE FUNCTION look() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM Latest); END';
      CREATE FUNCTION peek(how text) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT public.look()';
      REVOKE EXECUTE ON FUNCTION peek(text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION peek(text) TO authenticated`,
    finds: ['FUNCTION_REACHES function public.peek(text)'],
  },
  "a column dropped, and one of the host's own like it": {
    sql: 'ALTER TABLE visitors DROP COLUMN utm_term CASCADE, ADD COLUMN note text',
    finds: [
      'COLUMN_MISSING column public.visitors.utm_term',
      'COLUMN_ADDED column public.visitors.note',
    ],
  },
  'a table without a replica identity': {
    sql: 'ALTER TABLE conversion_queue REPLICA IDENTITY NOTHING',
    finds: ['TABLE_UNFIT table public.conversion_queue'],
  },
  'tables that are not logged, which refer to each other': {
    sql: 'ALTER TABLE conversion_queue SET UNLOGGED; ALTER TABLE conversions SET UNLOGGED',
    finds: ['TABLE_UNFIT table public.conversions', 'TABLE_UNFIT table public.conversion_queue'],
  },
  "a check on a column of the host's own that refuses every row of ours": {
    sql: 'ALTER TABLE visitors ADD COLUMN tenant text, ADD CONSTRAINT tenant_given CHECK (tenant IS NOT NULL)',
    finds: [
      'CONSTRAINT_IN_THE_WAY constraint tenant_given on public.visitors',
      'COLUMN_ADDED column public.visitors.tenant',
    ],
  },
  "a unique index with a column of the host's own": {
    sql: 'ALTER TABLE visitors ADD COLUMN "tenantId" text; CREATE UNIQUE INDEX once ON visitors ("tenantId", gclid)',
    finds: ['COLUMN_ADDED column public.visitors."tenantId"', 'INDEX_ADDED index public.once'],
  },
  'a foreign key to another leads': {
    sql: `CREATE SCHEMA archive; CREATE TABLE archive.leads (id uuid PRIMARY KEY);
      ALTER TABLE conversions DROP CONSTRAINT conversions_lead_id_fkey,
        ADD CONSTRAINT conversions_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES archive.leads (id) ON DELETE CASCADE`,
    finds: ['CONSTRAINT_DIFFERS constraint conversions_lead_id_fkey on public.conversions'],
  },
  'a grant on a view that service_role has passed on': {
    sql: `CREATE VIEW recent AS SELECT * FROM visitors; REVOKE ALL ON recent FROM anon, authenticated;
      GRANT SELECT ON recent TO service_role WITH GRANT OPTION;
      SET ROLE service_role; GRANT SELECT ON recent TO anon; RESET ROLE`,
    finds: ['VIEW_REACHES view public.recent'],
  },
  'a materialized view over a function': {
    sql: `CREATE FUNCTION all_of_them() RETURNS SETOF text LANGUAGE sql AS 'SELECT gclid FROM public.visitors';
      CREATE MATERIALIZED VIEW copies AS SELECT * FROM all_of_them();
      REVOKE ALL ON copies FROM PUBLIC; GRANT SELECT ON copies TO anon`,
    finds: ['VIEW_REACHES materialized view public.copies'],
  },
  'a function with the rights of its owner that writes where a trigger writes on': {
    sql: `CREATE TABLE posts (title text); REVOKE ALL ON posts FROM anon, authenticated, service_role;
      CREATE FUNCTION pass_on() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO public.tracking_events (event_name) VALUES (NEW.title); RETURN NEW; END';
      CREATE TRIGGER pass_on BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION pass_on();
      CREATE FUNCTION submit() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO public.posts VALUES (NULL)'`,
    finds: ['FUNCTION_REACHES function public.submit()'],
  },
  'a trigger with the rights of its owner that strangers fire': {
    sql: `CREATE TABLE inbox (answer text); GRANT INSERT ON inbox TO anon;
      REVOKE ALL ON inbox FROM authenticated, service_role;
      CREATE FUNCTION answer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        'BEGIN NEW.answer := (SELECT max(gclid) FROM public.visitors); RETURN NEW; END';
      REVOKE ALL ON FUNCTION answer() FROM PUBLIC, anon, authenticated, service_role;
      CREATE TRIGGER answer BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION answer()`,
    finds: ['FUNCTION_REACHES function public.answer()'],
  },
  'an aggregate over a function with the rights of its owner': {
    sql: `CREATE FUNCTION step(text, int) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT max(gclid) FROM public.visitors';
      REVOKE ALL ON FUNCTION step(text, int) FROM PUBLIC, anon, authenticated, service_role;
      CREATE AGGREGATE peek(int) (SFUNC = step, STYPE = text)`,
    finds: ['FUNCTION_REACHES function public.step(text,integer)'],
  },
  'a function that names the database, and one that reads a view of an odd name': {
    sql: `CREATE VIEW "a""b" AS SELECT 1 FROM visitors; REVOKE ALL ON "a""b" FROM anon, authenticated, service_role;
      DO $$ BEGIN EXECUTE format('CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS %L',
        format('SELECT count(*) FROM %I.public . visitors', current_database())); END $$;
      CREATE FUNCTION look() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM "a""b"'`,
    finds: ['FUNCTION_REACHES function public.look()', 'FUNCTION_REACHES function public.peek()'],
  },
};

/** What only a superuser can do, and undo. */
export const AS_SUPERUSER: Readonly<Record<string, Drift>> = {
  'the schema closed to service_role': {
    sql: 'REVOKE ALL ON SCHEMA public FROM PUBLIC, service_role',
    finds: ['SCHEMA_USAGE_MISSING schema public'],
  },
  'a table that somebody else owns': {
    sql: 'ALTER TABLE visitors OWNER TO reporter',
    finds: ['OWNER_DIFFERS table public.visitors'],
  },
  'a ledger that anon owns': {
    sql: 'ALTER TABLE tracking_migrations OWNER TO anon',
    finds: ['OWNER_DIFFERS table public.tracking_migrations'],
  },
  'a table that Realtime publishes': {
    sql: 'ALTER PUBLICATION supabase_realtime ADD TABLE conversions, visitors',
    finds: ['PUBLISHED publication supabase_realtime'],
  },
  'anon as a superuser': {
    sql: 'ALTER ROLE anon SUPERUSER',
    finds: ['ROLE_REACHES role anon'],
  },
  'anon past row level security': {
    sql: 'ALTER ROLE anon BYPASSRLS',
    finds: ['ROLE_REACHES role anon'],
  },
  'authenticated as a member of service_role, by way of another role': {
    sql: 'GRANT service_role TO reporter; GRANT reporter TO authenticated',
    finds: ['ROLE_REACHES role authenticated'],
  },
  'anon as a member of a role that reads everything': {
    sql: 'GRANT pg_read_all_data TO anon',
    finds: ['ROLE_REACHES role anon'],
  },
  'an index that is INVALID': {
    sql: "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_visitors_gclid'::regclass",
    finds: ['INDEX_INVALID index public.idx_visitors_gclid'],
  },
  'the index of a constraint that is INVALID': {
    sql: "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_visitors_visitor_id'::regclass",
    finds: ['INDEX_INVALID constraint idx_visitors_visitor_id on public.visitors'],
  },
  'a foreign key that nothing enforces': {
    sql: 'ALTER TABLE tracking_events DISABLE TRIGGER ALL',
    finds: [
      'CONSTRAINT_NOT_ENFORCED constraint tracking_events_visitor_id_fkey on public.tracking_events',
    ],
  },
  'a foreign key whose other end nothing enforces': {
    sql: 'ALTER TABLE visitors DISABLE TRIGGER ALL',
    finds: [
      'CONSTRAINT_NOT_ENFORCED constraint tracking_events_visitor_id_fkey on public.tracking_events',
    ],
  },
  'a rule on a view with the rights of its invoker': {
    sql: `CREATE VIEW ev AS SELECT 1 AS a, ''::text AS b;
      DO $$ BEGIN EXECUTE 'ALTER VIEW ev SET (security_invoker = on)'; EXCEPTION WHEN OTHERS THEN NULL; END $$; -- since 15
      CREATE RULE r AS ON INSERT TO ev DO INSTEAD DELETE FROM visitors RETURNING 1, gclid;
      REVOKE ALL ON ev FROM anon, authenticated, service_role; GRANT INSERT ON ev TO anon`,
    finds: ['VIEW_REACHES view public.ev'],
  },
  'a materialized view that anon owns': {
    sql: `CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM conversions; ALTER MATERIALIZED VIEW totals OWNER TO reporter;
      REVOKE ALL ON totals FROM PUBLIC, anon, authenticated, service_role`,
    finds: ['VIEW_REACHES materialized view public.totals'],
  },
  'an event trigger with the rights of its owner': {
    sql: `CREATE FUNCTION tidy() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN DELETE FROM public.visitors; END';
      REVOKE ALL ON FUNCTION tidy() FROM PUBLIC, anon, authenticated, service_role;
      CREATE EVENT TRIGGER tidy ON ddl_command_end WHEN TAG IN ('CREATE SCHEMA') EXECUTE FUNCTION tidy()`,
    finds: ['FUNCTION_REACHES function public.tidy()'],
  },
  'anon as a replica': {
    sql: 'ALTER ROLE anon REPLICATION',
    finds: ['ROLE_REACHES role anon'],
  },
  'anon as a maker of roles': {
    sql: 'ALTER ROLE anon CREATEROLE',
    finds: ['ROLE_REACHES role anon'],
  },
  "anon on the server's file system": {
    sql: 'GRANT pg_execute_server_program, pg_read_server_files TO anon',
    finds: ['ROLE_REACHES role anon', 'ROLE_REACHES role anon'],
  },
  'the schema in the hands of anon': {
    sql: 'ALTER SCHEMA public OWNER TO anon',
    finds: ['ROLE_REACHES role anon'],
  },
  'service_role under row level security': {
    sql: 'ALTER ROLE service_role NOBYPASSRLS',
    finds: ['ROLE_BLIND role service_role'],
  },
  'a role that sees the rows of the ledger': {
    sql: 'ALTER ROLE reporter BYPASSRLS; GRANT SELECT ON tracking_migrations TO reporter',
    finds: ['GRANT_ADDED table public.tracking_migrations'],
  },
  'a role whose name is that of a method': {
    sql: `DO $$ BEGIN CREATE ROLE "constructor"; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      DO $$ BEGIN CREATE ROLE "__proto__"; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      GRANT SELECT ON visitors TO "constructor", "__proto__"`,
    finds: ['GRANT_ADDED table public.visitors', 'GRANT_ADDED table public.visitors'],
  },
  'every table published to Realtime': {
    sql: 'DROP PUBLICATION supabase_realtime; CREATE PUBLICATION supabase_realtime FOR ALL TABLES',
    finds: ['PUBLISHED publication supabase_realtime'],
  },
};
