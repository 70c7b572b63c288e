import { type Caller, EMBEDDINGS, TABLE_NAMES } from './rest-requests.ts';

/** A mistake of an application's that lets somebody in, and all that the caller then gets over REST. */
export interface Hole {
  /** Run by the tables' owner. */
  readonly sql: string;
  readonly caller: Caller;
  /** Where the caller asks; `public` by default. */
  readonly schema?: string;
  readonly seen: readonly string[];
}

export const HOLES: Readonly<Record<string, Hole>> = {
  'a table without row level security that anon may read': {
    sql: 'GRANT SELECT ON visitors TO anon; ALTER TABLE visitors DISABLE ROW LEVEL SECURITY',
    caller: 'nobody',
    seen: [...reads('visitors'), 'list /visitors'],
  },
  'a migrations table that anon may read, were it not for row level security': {
    sql: 'GRANT SELECT ON tracking_migrations TO anon',
    caller: 'anon',
    seen: [...reads('tracking_migrations'), 'list /tracking_migrations'],
  },
  'a column that authenticated may read': {
    sql: 'GRANT SELECT (id) ON conversion_queue TO authenticated',
    caller: 'authenticated',
    seen: [
      'read a column of conversion_queue',
      'filter conversion_queue',
      'filter and order conversion_queue',
      'list /conversion_queue',
    ],
  },
  'a table that authenticated may delete from': {
    sql: 'GRANT SELECT (id), DELETE ON tracking_events TO authenticated',
    caller: 'authenticated',
    seen: [
      'read a column of tracking_events',
      'filter tracking_events',
      'filter and order tracking_events',
      'delete tracking_events',
      'list /tracking_events',
    ],
  },
  'a view that anon may read': {
    sql: `CREATE VIEW peek AS SELECT * FROM visitors; REVOKE ALL ON peek FROM anon;
          GRANT SELECT ON peek TO anon`,
    caller: 'anon',
    seen: ['read peek', 'count peek', 'list /peek'],
  },
  "a SECURITY DEFINER function that is everybody's": {
    sql: `CREATE FUNCTION peek() RETURNS bigint STABLE SECURITY DEFINER SET search_path = ''
            LANGUAGE sql AS 'SELECT count(*) FROM public.visitors'`,
    caller: 'nobody',
    seen: ['call peek', 'call peek by GET', 'list /rpc/peek'],
  },
  'a grant on all tables of a schema of its own': {
    sql: `GRANT USAGE ON SCHEMA tracking TO anon;
          GRANT SELECT ON ALL TABLES IN SCHEMA tracking TO anon`,
    caller: 'anon',
    schema: 'tracking',
    seen: [
      ...TABLE_NAMES.flatMap(reads),
      ...EMBEDDINGS,
      ...TABLE_NAMES.map((table) => `list /${table}`),
    ],
  },
};

/** What a role that may read a table gets, if it may read no other. */
export function reads(table: string): string[] {
  return [
    `read ${table}`,
    `read a column of ${table}`,
    `filter ${table}`,
    `filter and order ${table}`,
    `count ${table}, exact`,
    `count ${table}, planned`,
    `count ${table}, estimated`,
  ];
}
