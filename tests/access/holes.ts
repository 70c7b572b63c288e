/** A way in that somebody opens by hand on a healthy database. */
export interface Hole {
  readonly sql: string;
  readonly undo: string;
  /** What the check of privileges says of it, among others. */
  readonly privileges: string;
  /** What the tried statements say of it; undefined where none gets through. */
  readonly statements?: string;
}

/** One privilege, granted to anon, on one object of each kind; which statement then gets through. */
export const GRANTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  relation: {
    SELECT: 'SELECT',
    INSERT: 'INSERT',
    UPDATE: 'UPDATE',
    DELETE: 'DELETE',
    TRUNCATE: 'TRUNCATE',
    REFERENCES: 'FOREIGN KEY',
    TRIGGER: 'CREATE TRIGGER',
    MAINTAIN: 'REINDEX',
  },
  column: {
    SELECT: 'SELECT',
    INSERT: 'INSERT',
    UPDATE: 'UPDATE',
    REFERENCES: 'FOREIGN KEY',
  },
  sequence: { SELECT: 'SELECT', UPDATE: 'setval', USAGE: 'nextval' },
  function: { EXECUTE: 'CREATE TRIGGER on a table of its own' },
  type: { USAGE: 'a column of the type' },
};

/** All other kinds of holes, by what they are. Made by the superuser, in a project of 2026. */
export const HOLES: Readonly<Record<string, Hole>> = {
  'a grant to everybody': {
    sql: 'GRANT SELECT ON tracking_events TO PUBLIC',
    undo: 'REVOKE SELECT ON tracking_events FROM PUBLIC',
    privileges: 'public holds SELECT on relation public.tracking_events',
    statements: 'reporter: SELECT on relation public.tracking_events: succeeded',
  },
  'a grant that may be passed on': {
    sql: 'GRANT DELETE ON tracking_events TO authenticated WITH GRANT OPTION',
    undo: 'REVOKE DELETE ON tracking_events FROM authenticated',
    privileges: 'authenticated holds DELETE on relation public.tracking_events with grant option',
    statements: 'authenticated: GRANT on relation public.tracking_events: succeeded',
  },
  'a grant on a system column': {
    sql: 'GRANT SELECT (ctid) ON tracking_events TO anon',
    undo: 'REVOKE SELECT (ctid) ON tracking_events FROM anon',
    privileges: 'the list of column public.tracking_events.ctid gives SELECT to anon',
    statements: 'anon: SELECT of a system column on relation public.tracking_events: succeeded',
  },
  'row level security off, with a grant': {
    sql: 'ALTER TABLE tracking_events DISABLE ROW LEVEL SECURITY; GRANT SELECT ON tracking_events TO anon',
    undo: 'ALTER TABLE tracking_events ENABLE ROW LEVEL SECURITY; REVOKE SELECT ON tracking_events FROM anon',
    privileges: 'row level security is off on tracking_events',
    statements: 'anon: COPY TO STDOUT on relation public.tracking_events: succeeded',
  },
  'a policy with a grant': {
    sql: 'CREATE POLICY open ON tracking_events USING (true); GRANT ALL ON tracking_events TO anon',
    undo: 'DROP POLICY open ON tracking_events; REVOKE ALL ON tracking_events FROM anon',
    privileges: 'policy open is on tracking_events',
    statements: 'anon: DELETE RETURNING on relation public.tracking_events: succeeded',
  },
  'a table that belongs to anon': {
    sql: 'ALTER TABLE tracking_events OWNER TO anon',
    undo: 'ALTER TABLE tracking_events OWNER TO supabase_postgres',
    privileges: 'anon owns relation public.tracking_events',
    statements: 'anon: DROP on relation public.tracking_events: succeeded',
  },
  'a function that belongs to authenticated': {
    sql: 'ALTER FUNCTION tracking_set_updated_at() OWNER TO authenticated',
    undo: 'ALTER FUNCTION tracking_set_updated_at() OWNER TO supabase_postgres',
    privileges: 'authenticated owns function public.tracking_set_updated_at()',
    statements:
      'authenticated: ALTER FUNCTION OWNER on function public.tracking_set_updated_at(): succeeded',
  },
  'membership in service_role': {
    sql: 'GRANT service_role TO anon',
    undo: 'REVOKE service_role FROM anon',
    privileges: 'anon holds INSERT on relation public.tracking_events',
    statements: 'anon: INSERT on relation public.tracking_events: succeeded',
  },
  'membership in the owner': {
    sql: 'GRANT supabase_postgres TO reporter',
    undo: 'REVOKE supabase_postgres FROM reporter',
    privileges: 'reporter holds USAGE on type public.tracking_events',
    statements: 'reporter: CREATE POLICY on relation public.tracking_events: succeeded',
  },
  'membership in a role that reads everything': {
    sql: 'GRANT pg_read_all_data TO reporter',
    undo: 'REVOKE pg_read_all_data FROM reporter',
    privileges: 'reporter holds SELECT on sequence public.tracking_migrations_id_seq',
    statements: 'reporter: SELECT of every column on relation public.tracking_events: succeeded',
  },
  'a superuser': {
    sql: 'ALTER ROLE reporter SUPERUSER',
    undo: 'ALTER ROLE reporter NOSUPERUSER',
    privileges: 'reporter holds TRUNCATE on relation public.tracking_events',
    statements: 'reporter: TRUNCATE CASCADE on relation public.tracking_events: succeeded',
  },
  'a view that anon may read': {
    sql: 'CREATE VIEW leak AS SELECT event_name FROM tracking_events; GRANT SELECT ON leak TO anon',
    undo: 'DROP VIEW leak',
    privileges: 'anon holds SELECT on relation public.leak',
    statements: 'anon: SELECT on relation public.leak: succeeded',
  },
  'a function with the rights of its owner': {
    sql: `CREATE FUNCTION leak() RETURNS bigint LANGUAGE sql SECURITY DEFINER
            AS 'SELECT count(*) FROM public.tracking_events'`,
    undo: 'DROP FUNCTION leak()',
    privileges: 'public holds EXECUTE on function public.leak()',
    statements: 'anon: call on function public.leak(): succeeded',
  },
  'a table that a later migration forgets to close': {
    sql: 'SET ROLE supabase_postgres; CREATE TABLE leak (id uuid PRIMARY KEY); RESET ROLE',
    undo: 'DROP TABLE leak',
    privileges: 'anon holds TRUNCATE on relation public.leak',
    statements: 'anon: TRUNCATE on relation public.leak: succeeded',
  },
  'row level security off': {
    sql: 'ALTER TABLE tracking_events DISABLE ROW LEVEL SECURITY',
    undo: 'ALTER TABLE tracking_events ENABLE ROW LEVEL SECURITY',
    privileges: 'row level security is off on tracking_events',
  },
  'row level security forced': {
    sql: 'ALTER TABLE tracking_events FORCE ROW LEVEL SECURITY',
    undo: 'ALTER TABLE tracking_events NO FORCE ROW LEVEL SECURITY',
    privileges: 'row level security is forced on tracking_events',
  },
  'a policy': {
    sql: 'CREATE POLICY open ON tracking_events USING (true)',
    undo: 'DROP POLICY open ON tracking_events',
    privileges: 'policy open is on tracking_events',
  },
  'a table that Realtime publishes': {
    sql: 'ALTER PUBLICATION supabase_realtime ADD TABLE tracking_events',
    undo: 'ALTER PUBLICATION supabase_realtime DROP TABLE tracking_events',
    privileges: 'supabase_realtime publishes tracking_events',
  },
  'more for service_role than rows': {
    sql: 'GRANT TRUNCATE ON tracking_events TO service_role',
    undo: 'REVOKE TRUNCATE ON tracking_events FROM service_role',
    privileges: 'service_role holds TRUNCATE on relation public.tracking_events',
  },
  'a column that is granted to service_role by itself': {
    sql: 'GRANT SELECT (id) ON tracking_events TO service_role',
    undo: 'REVOKE SELECT (id) ON tracking_events FROM service_role; GRANT SELECT ON tracking_events TO service_role',
    privileges: 'the list of column public.tracking_events.id gives SELECT to service_role',
  },
  'less for service_role than rows': {
    sql: 'REVOKE DELETE ON tracking_events FROM service_role',
    undo: 'GRANT DELETE ON tracking_events TO service_role',
    privileges: 'service_role lacks DELETE on relation public.tracking_events',
  },
  'an object of a kind that nothing checks': {
    sql: 'CREATE FOREIGN DATA WRAPPER leak',
    undo: 'DROP FOREIGN DATA WRAPPER leak',
    privileges: 'is of a kind that no check knows',
  },
};
