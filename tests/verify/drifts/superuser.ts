import type { Drift } from './drift.ts';

/** What only a superuser can do, and undo. */
export const AS_SUPERUSER: Readonly<Record<string, Drift>> = {
  'the schema closed to service_role': {
    sql: 'REVOKE ALL ON SCHEMA public FROM PUBLIC, service_role',
    finds: ['SCHEMA_USAGE_MISSING schema public'],
  },
  'a table that somebody else owns': {
    sql: 'ALTER TABLE visitors OWNER TO reporter',
    finds: ['OWNER_DIFFERS table public.visitors'],
    byHand: 'ALTER TABLE visitors OWNER TO supabase_postgres',
  },
  'a migrations table that anon owns': {
    sql: 'ALTER TABLE tracking_migrations OWNER TO anon',
    finds: ['OWNER_DIFFERS table public.tracking_migrations'],
    byHand: 'ALTER TABLE tracking_migrations OWNER TO supabase_postgres',
  },
  'a table that Realtime publishes': {
    sql: 'ALTER PUBLICATION supabase_realtime ADD TABLE conversions, visitors',
    finds: ['TABLE_PUBLISHED publication supabase_realtime'],
  },
  'anon as a superuser': {
    sql: 'ALTER ROLE anon SUPERUSER',
    finds: ['ROLE_HAS_ACCESS role anon'],
  },
  'anon past row level security': {
    sql: 'ALTER ROLE anon BYPASSRLS',
    finds: ['ROLE_HAS_ACCESS role anon'],
  },
  'authenticated as a member of service_role, by way of another role': {
    sql: 'ALTER ROLE reporter NOINHERIT; GRANT service_role TO reporter; GRANT reporter TO authenticated',
    finds: ['ROLE_HAS_ACCESS role authenticated'],
  },
  'anon as a member of a role that reads everything': {
    sql: 'GRANT pg_read_all_data TO anon',
    finds: ['ROLE_HAS_ACCESS role anon'],
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
    finds: ['VIEW_EXPOSES view public.ev'],
  },
  'a materialized view that anon owns': {
    sql: `CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM conversions; ALTER MATERIALIZED VIEW totals OWNER TO reporter;
      REVOKE ALL ON totals FROM PUBLIC, anon, authenticated, service_role`,
    finds: ['VIEW_EXPOSES materialized view public.totals'],
  },
  'an event trigger with the rights of its owner': {
    sql: `CREATE FUNCTION tidy() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN DELETE FROM public.visitors; END';
      REVOKE ALL ON FUNCTION tidy() FROM PUBLIC, anon, authenticated, service_role;
      CREATE EVENT TRIGGER tidy ON ddl_command_end WHEN TAG IN ('CREATE SCHEMA') EXECUTE FUNCTION tidy()`,
    finds: ['FUNCTION_EXPOSES function public.tidy()'],
  },
  'anon as a replica': {
    sql: 'ALTER ROLE anon REPLICATION',
    finds: ['ROLE_HAS_ACCESS role anon'],
  },
  'anon as a maker of roles': {
    sql: 'ALTER ROLE anon CREATEROLE',
    finds: ['ROLE_HAS_ACCESS role anon'],
  },
  "anon on the server's file system": {
    sql: 'GRANT pg_execute_server_program, pg_read_server_files TO anon',
    finds: ['ROLE_HAS_ACCESS role anon', 'ROLE_HAS_ACCESS role anon'],
  },
  'the schema in the hands of anon': {
    sql: 'ALTER SCHEMA public OWNER TO anon',
    finds: ['ROLE_HAS_ACCESS role anon'],
  },
  'service_role under row level security': {
    sql: 'ALTER ROLE service_role NOBYPASSRLS',
    finds: ['ROLE_LACKS_BYPASSRLS role service_role'],
  },
  'a member of service_role under row level security': {
    sql: `DO $$ BEGIN CREATE ROLE worker LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      GRANT service_role TO worker`,
    finds: ['ROLE_LACKS_BYPASSRLS role worker'],
    byHand: 'ALTER ROLE worker BYPASSRLS',
  },
  'members of service_role to which row level security does not apply, or that run SET ROLE': {
    sql: `DO $$ BEGIN CREATE ROLE seeing LOGIN BYPASSRLS; CREATE ROLE switching LOGIN NOINHERIT; CREATE ROLE owning LOGIN; CREATE ROLE acting LOGIN;
      EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      GRANT service_role TO seeing, switching, owning, acting; GRANT supabase_postgres TO owning;
      ALTER ROLE acting SET role = 'service_role'`,
    finds: [],
  },
  'CREATE on the schema for anon': {
    sql: 'GRANT CREATE ON SCHEMA public TO anon',
    finds: ['SCHEMA_CREATE_GRANTED schema public'],
  },
  'CREATE on the schema for PUBLIC': {
    sql: 'GRANT CREATE ON SCHEMA public TO PUBLIC',
    finds: ['SCHEMA_CREATE_PUBLIC schema public'],
  },
  'a search path of the database with pg_catalog last': {
    sql: `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database());
      ALTER ROLE service_role SET search_path = "$user", public, pg_catalog, extensions; END $$`,
    finds: [
      'SEARCH_PATH_UNSAFE search_path of role service_role',
      'SEARCH_PATH_UNSAFE search_path of the database',
    ],
    byHand: `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET search_path', current_database());
      ALTER ROLE service_role RESET search_path; END $$`,
  },
  'search paths that have pg_catalog first, or are of other roles or databases': {
    sql: `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = pg_catalog, public', current_database());
      ALTER ROLE anon SET search_path = public, pg_catalog;
      ALTER DATABASE template1 SET search_path = public, pg_catalog; END $$`,
    finds: [],
  },
  'a function of a member of the owner, which it may as well give away': {
    sql: `DO $$ BEGIN CREATE ROLE mate IN ROLE supabase_postgres; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      ALTER FUNCTION record_events(jsonb) OWNER TO mate`,
    finds: ['OWNER_DIFFERS function public.record_events(jsonb)'],
  },
  'everything but the migrations table given to another role': {
    sql: `ALTER TABLE leads OWNER TO supabase_admin; ALTER TABLE visitors OWNER TO supabase_admin; ALTER TABLE conversions OWNER TO supabase_admin;
      ALTER TABLE conversion_queue OWNER TO supabase_admin; ALTER TABLE tracking_events OWNER TO supabase_admin`,
    finds: ['conversion_queue', 'conversions', 'leads', 'tracking_events', 'visitors'].map(
      (table) => `OWNER_DIFFERS table public.${table}` as const,
    ),
    byHand: `ALTER TABLE leads OWNER TO supabase_postgres; ALTER TABLE visitors OWNER TO supabase_postgres; ALTER TABLE conversions OWNER TO supabase_postgres;
      ALTER TABLE conversion_queue OWNER TO supabase_postgres; ALTER TABLE tracking_events OWNER TO supabase_postgres`,
  },
  'a role that sees the rows of the migrations table': {
    sql: `DO $$ BEGIN CREATE ROLE seer BYPASSRLS; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      GRANT SELECT ON tracking_migrations TO seer`,
    finds: ['EXCESS_PRIVILEGE table public.tracking_migrations'],
  },
  'a role whose name is that of a method': {
    sql: `DO $$ BEGIN CREATE ROLE "constructor"; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      DO $$ BEGIN CREATE ROLE "__proto__"; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      GRANT SELECT ON visitors TO "constructor", "__proto__"`,
    finds: ['EXCESS_PRIVILEGE table public.visitors', 'EXCESS_PRIVILEGE table public.visitors'],
  },
  'every table published to Realtime': {
    sql: 'DROP PUBLICATION supabase_realtime; CREATE PUBLICATION supabase_realtime FOR ALL TABLES',
    finds: ['TABLE_PUBLISHED publication supabase_realtime'],
  },
};
