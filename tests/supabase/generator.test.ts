import { afterAll, beforeAll, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { type SupabaseProject, type SupabaseServer, startSupabase } from '../support/supabase.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { needTool, runTool } from '../support/tools.ts';
import { SHIPPED, SHIPPED_JSON } from './shipped-types.ts';
import { declared, leaves, memberOf } from './type-text.ts';

const installed = needTool('supabase');
let server: SupabaseServer;
let project: SupabaseProject;

beforeAll(async () => {
  if (!installed) return;
  server = await startSupabase();
  project = await server.createProject('2026');
  await runMigrations({ databaseUrl: project.url });
  await runMigrations({ databaseUrl: project.url, schema: 'tracking', createSchema: true });
});
afterAll(() => server?.stop());

/** What Supabase's generator writes of a schema. */
async function generate(schema: string): Promise<string> {
  const { code, stdout, stderr } = await runTool(
    'supabase',
    ['--agent=no', 'gen', 'types', `--remote=${project.url}?sslmode=disable`, '--schema', schema],
    temporaryFolder(),
  );
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return stdout;
}

type Leaves = ReadonlyMap<string, string>;

/** Each leaf that the pattern finds becomes those that are given for it. */
function each(pattern: RegExp, become: (path: string, text: string) => Iterable<[string, string]>) {
  return (all: Leaves): Leaves =>
    new Map(
      [...all].flatMap(([path, text]) =>
        pattern.test(path) ? [...become(path, text)] : [[path, text] as const],
      ),
    );
}

/** A function that gives a row of a table, and whether it is new. */
function givesRowOf(table: string, name: string) {
  return (all: Leaves): Leaves => {
    const row = `Tables.${table}.Row.`;
    const columns = [...all]
      .filter(([path]) => path.startsWith(row))
      .map(([path, text]) => [path.replace(row, `Functions.${name}.Returns.`), text] as const);
    const others = [...all].filter(([path]) => path !== `Functions.${name}.Returns`);
    return new Map([...others, ...columns, [`Functions.${name}.Returns.is_new`, 'boolean']]);
  };
}

/** What the generator does not know, or leaves out, and the types that are shipped say. */
const DIFFERENCES: Readonly<Record<string, (all: Leaves) => Leaves>> = {
  'the migrations table is for the package alone, and its name is an option': each(
    /^Tables\.tracking_migrations\./,
    () => [],
  ),
  'an INOUT column is one of the result: the row of the visitor': givesRowOf(
    'visitors',
    'upsert_visitor',
  ),
  'and that of the conversion': givesRowOf('conversions', 'record_conversion'),
  'a result may be null where its column may, except what a claim sets or fills in': (all) =>
    each(/^Functions\.\w+\.Returns\[\]/, (path, text) => {
      const [column = ''] = path.split('.').slice(-1);
      const rows = [...all].filter(
        ([key]) => key.startsWith('Tables.') && key.endsWith(`.Row.${column}`),
      );
      const nullable = rows.some(([, one]) => one.endsWith(' | null'));
      const filled =
        /\.claim_conversions\..*\.(lease_id|leased_until|converted_at|send_alone)$/.test(path) ||
        /\.claim_upload_requests\..*\.(request_id|lease_id|leased_until)$/.test(path);
      return [[path, nullable && !filled ? `${text} | null` : text]];
    })(all),
  'and those of the queue': each(/^Functions\.conversion_queue_health\.Returns$/, (path) =>
    Object.entries({
      platform: 'string',
      status: 'string',
      entries: 'number',
      estimated: 'boolean',
      leased: 'number',
      overdue: 'number',
      oldest_due: 'string | null',
      unconfirmed: 'number',
      oldest_unconfirmed: 'string | null',
      expired_requests: 'number',
    }).map(([column, text]) => [`${path}[].${column}`, text]),
  ),
  'null for an argument whose default it is, and for a currency, is as good as nothing': each(
    /^Functions\.(?!(purge|claim)_)\w+\.Args\.(?!(limit|permanent|platforms|max_retries|lease_id)\?).*\?$/,
    (path, text) => [[path, `${text} | null`]],
  ),
  'a failure without the lease_id of its claim keeps the entry from being tried again': each(
    /^Functions\.fail_conversions\.Args\.lease_id\?$/,
    (_, text) => [['Functions.fail_conversions.Args.lease_id', text]],
  ),
  'and that of a settled request': (all) => {
    const path = 'Functions.settle_upload_request.Returns';
    const returns = {
      platform: 'string',
      request_id: 'string',
      status: 'string',
      confirmed_count: 'number | null',
      rejected_count: 'number | null',
      applied: 'boolean',
    };
    const others = [...all].filter(([key]) => !key.startsWith(path));
    const columns = Object.entries(returns).map(([key, text]) => [`${path}.${key}`, text] as const);
    return new Map([...others, ...columns]);
  },
  'settle_upload_request takes a list of rejections, and no lease': each(
    /^Functions\.settle_upload_request\.Args\.(rejected|lease_id)\?$/,
    (path) =>
      path.endsWith('lease_id?')
        ? [[path, 'string | null']]
        : Object.entries({
            'index?': 'number | null',
            'id?': 'string | null',
            outcome: "'complete' | 'permanent' | 'retry_later' | 'retry'",
            'code?': 'string | null',
            'message?': 'string | null',
            'count?': 'number | null',
          }).map(([key, text]) => [`${path}[].${key}`, text]),
  ),
  'the status of a request has other values, and one that is settled has no more than some': each(
    /(^Tables\.upload_requests\..*|settle_upload_request\..*)\.status\??$/,
    (path, text) => [
      [
        path,
        path.includes('.Args.')
          ? "'processing' | 'succeeded' | 'partially_succeeded' | 'failed'"
          : text.replace('string', 'UploadRequestStatus'),
      ],
    ],
  ),
  'a CHECK lists the values of a status': each(/\.status\??$/, (path, text) => [
    [path, text.replace('string', 'QueueStatus')],
  ]),
  'a CHECK lists the values of conversion_type': each(/\.conversion_type\??$/, (path, text) => [
    [path, text.replace('string', 'ConversionType')],
  ]),
  'a CHECK lists the values of a consent': each(/\.consent_\w+\??$/, (path, text) => [
    [path, text.replace('string', 'Consent')],
  ]),
  'a CHECK lets params be an object alone': each(/\.params\??$/, (path, text) => [
    [path, text.replace('Json', '{ [key: string]: Json | undefined }')],
  ]),
  'record_events takes a list of events, and refuses any other JSON': each(
    /^Functions\.record_events\.Args\.events$/,
    (path) =>
      Object.entries({
        event_name: 'string',
        'visitor_id?': 'string | null',
        'event_id?': 'string | null',
        'params?': '{ [key: string]: Json | undefined } | null',
        'page_url?': 'string | null',
        'created_at?': 'string | null',
      }).map(([key, text]) => [`${path}[].${key}`, text]),
  ),
};

test.each(['public', 'tracking'])(
  "of schema %s Supabase's generator says what is shipped, except what is listed here",
  async (schema) => {
    const source = await generate(schema);
    expect(leaves(SHIPPED_JSON)).toEqual(leaves(declared(source, 'Json')));
    let expected: Leaves = leaves(memberOf(declared(source, 'Database'), schema));
    for (const [reason, change] of Object.entries(DIFFERENCES)) {
      const changed = change(expected);
      expect(changed, `no difference any more: ${reason}`).not.toEqual(expected);
      expected = changed;
    }
    const sorted = (all: Leaves) => Object.fromEntries([...all].sort());
    expect(sorted(leaves(SHIPPED))).toEqual(sorted(expected));
  },
);
