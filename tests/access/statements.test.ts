import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { snapshot } from '../node-pg-migrate/snapshot.ts';
import { withClient } from '../support/database.ts';
import { traces, tryMaintenance } from './maintenance.ts';
import { createMatrix, MATRIX, type MigratedSite, type Site, useSites, WAYS } from './sites.ts';
import type { Statement } from './statement.ts';
import { statementsOn } from './statements.ts';
import { printCounts } from './table.ts';
import { tryControls, tryStatements } from './tries.ts';

/** A row in every table, for a role that gets in. */
const ROWS = `
  INSERT INTO leads (id) VALUES ('00000000-0000-0000-0000-000000000001');
  INSERT INTO visitors (visitor_id) VALUES ('cookie');
  INSERT INTO conversions (lead_id, conversion_type, idempotency_key, crm_deal_id)
    SELECT id, 'closed', 'D-1:closed', 'D-1' FROM leads;
  INSERT INTO conversion_queue (conversion_id) SELECT id FROM conversions;
  INSERT INTO tracking_events (visitor_id, event_name) SELECT id, 'page_view' FROM visitors;
  INSERT INTO upload_requests (platform, request_id, entry_ids, entry_count, next_check_at)
    VALUES ('text', 'text', '{}', 0, now());`;

/** What the server lets everybody do, whatever is granted, and all that it says. */
const OPEN: readonly (readonly [string, readonly object[]])[] = [
  [
    "SELECT relname FROM pg_class WHERE oid = 'public.visitors'::regclass",
    [{ relname: 'visitors' }],
  ],
  ["SELECT pg_relation_size('public.visitors') AS bytes", [{ bytes: '8192' }]],
  ["SELECT reltuples FROM pg_class WHERE oid = 'public.visitors'::regclass", [{ reltuples: 1 }]],
  // A cast needs no right on the type; what is cast comes from the one who casts.
  ['SELECT NULL::public.visitors AS row', [{ row: null }]],
  [
    'SELECT (json_populate_record(NULL::public.visitors, \'{"gclid": "g"}\')).gclid',
    [{ gclid: 'g' }],
  ],
  ["SELECT attname FROM pg_stats WHERE schemaname = 'public'", []],
  ["SELECT last_value FROM pg_sequences WHERE schemaname = 'public'", [{ last_value: null }]],
];

const sites = useSites();
let matrix: readonly MigratedSite[];
const controlled = new Map<string, readonly Statement[]>();
const counts: Record<string, string | number>[] = [];

beforeAll(async () => {
  matrix = await createMatrix(sites);
});

afterAll(async () => {
  await sites.stop();
  printCounts('Every statement', counts);
});

describe.each(MATRIX)('in world $world, applied by $way', ({ world, way }) => {
  let site: Site;
  let statements: readonly Statement[];
  let tables: readonly string[];

  beforeAll(async () => {
    const migrated = matrix.find((one) => one.world === world && one.way === way);
    if (migrated === undefined) throw new Error('not in the matrix');
    site = migrated.site;
    await site.query(ROWS);
    statements = await statementsOn(site, migrated.before);
    tables = [
      ...new Set(statements.filter(({ name }) => name === 'TRUNCATE').map(({ on }) => on)),
    ].map((on) => on.replace('relation ', ''));
  });

  test('no statement is let through, and nothing is changed', async () => {
    const before = [...(await snapshot(site)), ...(await traces(site, tables))];
    const tried = await tryStatements(site.strangers, statements);
    const skipped = await tryMaintenance(site.strangers, tables);
    const holes = [...tried.holes, ...skipped.holes];
    counts.push({ world, way, statements: tried.checked + skipped.checked, holes: holes.length });
    expect(holes).toEqual([]);
    expect([...(await snapshot(site)), ...(await traces(site, tables))]).toEqual(before);
  });

  // What a statement needs of the owner does not depend on the way; that it is the same one does.
  if (way !== WAYS[0]) {
    test('the statements are those that work for the owner', () => {
      expect(statements).toEqual(controlled.get(world));
    });
    return;
  }

  test('every statement works for the owner', async () => {
    controlled.set(world, statements);
    const copy = await site.copy();
    expect((await tryControls(copy, statements)).holes).toEqual([]);
    const before = await traces(copy, tables);
    const owner = { role: copy.owner, url: copy.url };
    const { checked, holes } = await tryMaintenance([owner], tables);
    expect(holes).toHaveLength(checked);
    const after = await traces(copy, tables);
    for (const line of before) expect(after).not.toContain(line);
  });

  test('what stays open tells names and sizes, and nothing of rows', async () => {
    const copy = await site.copy();
    await copy.query('ANALYZE');
    for (const { role, url } of copy.strangers) {
      await withClient(url, async (client) => {
        await client.query(`SET ROLE ${role}`);
        for (const [sql, rows] of OPEN) {
          expect([role, sql, (await client.query(sql)).rows]).toEqual([role, sql, rows]);
        }
      });
    }
  });
});
