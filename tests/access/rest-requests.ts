import { PostgrestClient } from '@supabase/postgrest-js';
import type { Queryable } from '../support/catalogue.ts';
import type { ApiRole, PostgRest } from '../support/postgrest.ts';
import { sampleArguments } from './sample-arguments.ts';

/** What PostgREST made of a request. HEAD has no body, and so no code. */
export interface Answer {
  readonly request: string;
  readonly status: number;
  readonly code: string | undefined;
}

/** Whose token a request carries; nobody's carries none. */
export type Caller = ApiRole | 'nobody';

interface Response {
  readonly status: number;
  readonly error: { readonly code?: string } | null;
}

type Client = ReturnType<typeof clientFor>;
type Requests = readonly (readonly [string, (client: Client) => PromiseLike<Response>])[];

/** Supabase's client for a role, or for nobody: without a token. */
export function clientFor(api: PostgRest, role: Caller, schema: string) {
  const headers = role === 'nobody' ? {} : { Authorization: `Bearer ${api.token(role)}` };
  return new PostgrestClient(api.url, { schema, headers });
}

const id = (digit: number) => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;

interface Table {
  readonly table: string;
  readonly row: Readonly<Record<string, unknown>>;
  /** The column that tells its rows apart, unless that is `id`. */
  readonly key?: string;
  readonly change: Readonly<Record<string, unknown>>;
  /** What it can be read together with, across foreign keys. */
  readonly embeds: readonly string[];
}

/** A row of each table, and a change to it; parents first. */
const TABLES: readonly Table[] = [
  {
    table: 'leads',
    row: { id: id(1) },
    change: { created_at: '2026-01-01' },
    embeds: ['conversions(conversion_queue(*))'],
  },
  {
    table: 'visitors',
    row: { id: id(2), visitor_id: 'cookie' },
    change: { gclid: 'click' },
    embeds: ['tracking_events(*)'],
  },
  {
    table: 'conversions',
    row: {
      id: id(3),
      lead_id: id(1),
      conversion_type: 'closed',
      idempotency_key: 'D-1:closed',
      crm_deal_id: 'D-1',
    },
    change: { conversion_value: 10 },
    embeds: ['leads(*)', 'leads!inner(id)', 'conversion_queue(*)'],
  },
  {
    table: 'conversion_queue',
    row: { id: id(4), conversion_id: id(3) },
    change: { status: 'uploaded' },
    embeds: ['conversions(leads(*))'],
  },
  {
    table: 'tracking_events',
    row: { id: id(5), visitor_id: id(2), event_name: 'page_view' },
    change: { page_url: '/' },
    embeds: ['visitors(gclid)'],
  },
  {
    table: 'upload_requests',
    row: {
      platform: 'google_ads',
      request_id: 'R',
      entry_ids: [id(4)],
      entry_count: 1,
      next_check_at: '2026-01-01',
    },
    key: 'request_id',
    change: { check_count: 1 },
    embeds: [],
  },
  {
    table: 'tracking_migrations',
    row: { id: 1000, name: 'another', run_on: '2026-01-01' },
    change: { name: 'renamed' },
    embeds: [],
  },
];

export const TABLE_NAMES = TABLES.map(({ table }) => table);

/** The requests that read a table together with others. */
export const EMBEDDINGS = TABLES.flatMap(({ table, embeds }) =>
  embeds.map((embed) => embedding(table, embed)),
);

function embedding(table: string, embed: string): string {
  return `read ${table} with ${embed}`;
}

/** Each is well-formed: a role that may do all gets a 2xx for every one, in this order. */
const ON_TABLES: Requests = [
  ...TABLES.map(
    ({ table, row }) =>
      [`insert ${table}`, (client: Client) => client.from(table).insert(row)] as const,
  ),
  ...TABLES.flatMap(({ table, row, key = 'id', change, embeds }): Requests => {
    const value = row[key];
    return [
      [`insert and return ${table}`, (client) => client.from(table).upsert(row).select()],
      [`upsert ${table}`, (client) => client.from(table).upsert(row, { ignoreDuplicates: true })],
      [`update ${table}`, (client) => client.from(table).update(change).eq(key, value)],
      [`read ${table}`, (client) => client.from(table).select()],
      [`read a column of ${table}`, (client) => client.from(table).select(key).limit(1)],
      [`filter ${table}`, (client) => client.from(table).select(key).eq(key, value)],
      [
        `filter and order ${table}`,
        (client) =>
          client.from(table).select(key).or(`${key}.eq.${value},${key}.is.null`).order(key),
      ],
      ...(['exact', 'planned', 'estimated'] as const).map((count): Requests[number] => [
        `count ${table}, ${count}`,
        (client) => client.from(table).select('*', { count, head: true }),
      ]),
      ...embeds.map((embed): Requests[number] => [
        embedding(table, embed),
        (client) => client.from(table).select(`id, ${embed}`),
      ]),
    ];
  }),
  ...TABLES.toReversed().map(
    ({ table, row, key = 'id' }) =>
      [
        `delete ${table}`,
        (client: Client) => client.from(table).delete().eq(key, row[key]),
      ] as const,
  ),
];

/** Sends every request about the tables, one after the other. */
export function askTables(client: Client): Promise<Answer[]> {
  return send(client, ON_TABLES);
}

/** Sends what can be asked of any other relation, and calls every function, of the database. */
export async function askOthers(db: Queryable, client: Client, schema: string): Promise<Answer[]> {
  const samples = await sampleArguments(db, schema);
  const others = await db.query<{ kind: 'relation' | 'function'; name: string; oid: string }>(
    `SELECT 'relation' AS kind, relname::text AS name, oid::text FROM pg_class
      WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND relnamespace = $1::regnamespace
        AND relname <> ALL ($2::text[])
     UNION ALL
     SELECT 'function', proname, oid::text FROM pg_proc WHERE pronamespace = $1::regnamespace`,
    [schema, TABLE_NAMES],
  );
  const requests = others.flatMap(({ kind, name, oid }): Requests => {
    const given = samples.get(Number(oid)) ?? [];
    const args = Object.fromEntries(given.map((argument) => [argument.name, argument.value]));
    return kind === 'function'
      ? [
          [`call ${name}`, () => client.rpc(name, args)],
          [`call ${name} by GET`, () => client.rpc(name, args, { get: true })],
        ]
      : [
          [`read ${name}`, () => client.from(name).select()],
          [`count ${name}`, () => client.from(name).select('*', { count: 'exact', head: true })],
          [`insert ${name}`, () => client.from(name).insert({})],
          [`delete ${name}`, () => client.from(name).delete()],
        ];
  });
  return send(client, requests);
}

async function send(client: Client, requests: Requests): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const [request, ask] of requests) {
    const { status, error } = await ask(client);
    answers.push({ request, status, code: error?.code });
  }
  return answers;
}

/** The paths that the root's description lists for a role, without the root itself. */
export async function listed(api: PostgRest, role: Caller, schema: string): Promise<string[]> {
  const authorization = role === 'nobody' ? {} : { Authorization: `Bearer ${api.token(role)}` };
  const response = await fetch(`${api.url}/`, {
    headers: { Accept: 'application/openapi+json', 'Accept-Profile': schema, ...authorization },
  });
  if (!response.ok) throw new Error(`The root answered ${response.status}.`);
  const { paths, definitions = {} }: { paths: object; definitions?: object } =
    (await response.json()) as { paths: object; definitions?: object };
  return [...Object.keys(paths), ...Object.keys(definitions).map((name) => `/${name}`)]
    .filter((path, place, all) => path !== '/' && all.indexOf(path) === place)
    .sort();
}
