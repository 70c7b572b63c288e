import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onThisMajor } from '../support/cases.ts';
import { type Queryable, serverMajor } from '../support/catalogue.ts';
import type { Expected } from './expected.ts';
import { GRANTS, HOLES, type Hole } from './holes.ts';
import { tryMaintenance } from './maintenance.ts';
import { inventory } from './objects.ts';
import { checkPrivileges, knownPrivileges } from './privileges.ts';
import { migrate, type Site, useSites } from './sites.ts';
import { statementsOn } from './statements.ts';
import { printCounts } from './table.ts';
import { tryStatements } from './tries.ts';

/** One object of each kind, as GRANT names it and as the checks do. */
const TARGETS: Readonly<Record<string, readonly [string, string]>> = {
  relation: ['TABLE tracking_events', 'public.tracking_events'],
  column: ['tracking_events', 'public.tracking_events.id'],
  sequence: ['SEQUENCE tracking_migrations_id_seq', 'public.tracking_migrations_id_seq'],
  function: ['FUNCTION tracking_set_updated_at()', 'public.tracking_set_updated_at()'],
  type: ['TYPE tracking_events', 'public.tracking_events'],
};
const TRIED =
  /public\.(_?tracking_events(\.id)?|leak.*|tracking_migrations_id_seq|tracking_set_updated_at\(\))$/;
const MAINTAIN_SINCE = 17;

const sites = useSites();
let site: Site;
/** One connection for all queries of the superuser. */
let db: Queryable;
let admin: pg.Client;
let expected: Expected;
const counts = { holes: 0, 'seen in privileges': 0, 'seen by statements': 0 };

beforeAll(async () => {
  site = await sites.create('2026');
  expected = { before: await inventory(site), owner: site.owner };
  await migrate(site, 'runMigrations()');
  admin = new pg.Client(site.adminUrl);
  await admin.connect();
  db = { query: async (sql, values) => (await admin.query(sql, values)).rows };
});

afterAll(async () => {
  await admin?.end();
  await sites.stop();
  printCounts('Holes made by hand', [counts]);
});

/** What both checks find, the statements being those on one object of each kind. */
async function find(): Promise<{ privileges: readonly string[]; statements: readonly string[] }> {
  const privileges = await checkPrivileges(db, expected);
  const all = await statementsOn(db, expected.before);
  const tried = await tryStatements(
    site.strangers,
    all.filter(({ on }) => TRIED.test(on)),
  );
  const maintained = await tryMaintenance(site.strangers, ['public.tracking_events']);
  return { privileges: privileges.holes, statements: [...tried.holes, ...maintained.holes] };
}

async function expectSeen(hole: Hole): Promise<void> {
  await db.query(hole.sql);
  try {
    const found = await find();
    expect(found.privileges.join('\n')).toContain(hole.privileges);
    if (hole.statements === undefined) expect(found.statements).toEqual([]);
    else expect(found.statements).toContain(hole.statements);
    counts['seen in privileges'] += 1;
    if (hole.statements !== undefined) counts['seen by statements'] += 1;
  } finally {
    await db.query(hole.undo);
  }
  counts.holes += 1;
}

test('a healthy database has no hole', async () => {
  expect(await find()).toEqual({ privileges: [], statements: [] });
});

test('the privileges are those of the server, MAINTAIN from 17 on', async () => {
  const known = await knownPrivileges(db);
  const knowsMaintain = (await serverMajor(db)) >= MAINTAIN_SINCE;
  expect(known.relation?.includes('MAINTAIN')).toBe(knowsMaintain);
  const expectedOfKind = (kind: string) =>
    Object.keys(GRANTS[kind] ?? {}).filter((name) => name !== 'MAINTAIN' || knowsMaintain);
  // A privilege that a later server adds must be opened below as well.
  for (const kind of ['relation', 'column', 'sequence', 'function', 'type'] as const) {
    expect(known[kind]).toEqual(expectedOfKind(kind).sort());
  }
});

test.each(
  Object.entries(GRANTS).flatMap(([kind, grants]) =>
    Object.entries(grants).map(([privilege, statement]) => ({ kind, privilege, statement })),
  ),
)('$privilege on a $kind is seen twice', async ({ kind, privilege, statement }) => {
  const known: Readonly<Record<string, readonly string[]>> = await knownPrivileges(db);
  const [target = '', name = ''] = TARGETS[kind] ?? [];
  const what = kind === 'column' ? `${privilege} (id) ON ${target}` : `${privilege} ON ${target}`;
  if (!known[kind]?.includes(privilege)) {
    // Nobody can be given what the server does not know.
    const unknown = /unrecognized privilege|syntax error/;
    await expect(db.query(`GRANT ${what} TO anon`)).rejects.toThrow(unknown);
    return;
  }
  const object =
    statement === 'FOREIGN KEY' ? 'relation public.tracking_events' : `${kind} ${name}`;
  await expectSeen({
    sql: `GRANT ${what} TO anon`,
    undo: `REVOKE ${what} FROM anon`,
    privileges: `anon holds ${privilege} on ${kind} ${name}`,
    statements: `anon: ${statement} on ${object}: succeeded`,
  });
});

test.each(onThisMajor(Object.entries(HOLES)))('%s is seen', (_, hole) => expectSeen(hole));

test('with all of them closed again the database is healthy', async () => {
  expect(await find()).toEqual({ privileges: [], statements: [] });
});
