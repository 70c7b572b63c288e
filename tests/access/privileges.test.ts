import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Expected, TABLES } from './expected.ts';
import { createdSince, inventory } from './objects.ts';
import { checkPrivileges } from './privileges.ts';
import {
  createMatrix,
  MATRIX,
  type MigratedSite,
  migrate,
  type Site,
  useSites,
  WAYS,
  WORLDS,
} from './sites.ts';
import { printCounts } from './table.ts';

const sites = useSites();
let matrix: readonly MigratedSite[];
const counts: Record<string, string | number>[] = [];

beforeAll(async () => {
  matrix = await createMatrix(sites);
});

afterAll(async () => {
  await sites.stop();
  printCounts('Every privilege', counts);
});

describe.each(MATRIX)('in world $world, applied by $way', ({ world, way }) => {
  let site: Site;
  let expected: Expected;

  beforeAll(() => {
    const migrated = matrix.find((one) => one.world === world && one.way === way);
    if (migrated === undefined) throw new Error('not in the matrix');
    site = migrated.site;
    expected = { before: migrated.before, owner: site.owner };
  });

  test('all objects of the package are found', async () => {
    const found = await createdSince(site, expected.before);
    const names = (kind: string, detail: string) =>
      found
        .filter((object) => object.kind === kind && object.detail === detail)
        .map(({ name }) => name);
    expect(names('relation', 'r')).toEqual(TABLES.map((table) => `public.${table}`));
    expect(names('type', 'c')).toEqual(TABLES.map((table) => `public.${table}`));
    expect(names('type', 'A')).toEqual(TABLES.map((table) => `public._${table}`));
    expect(names('sequence', 'S')).toEqual(['public.tracking_migrations_id_seq']);
    expect(names('function', 'trigger')).toEqual(['public.tracking_set_updated_at()']);
    expect(names('column', 'r')).toContain('public.visitors.ip_hash');
  });

  test('nobody holds a privilege but the owner, and service_role those on rows', async () => {
    const { checked, holes } = await checkPrivileges(site, expected);
    counts.push({ world, way, schema: 'public', privileges: checked, holes: holes.length });
    expect(holes).toEqual([]);
    expect(checked).toBeGreaterThan(world === 'plain' ? 2000 : 5000);
  });
});

describe.each([
  ...WORLDS.map((world) => ({ world, way: WAYS[0] })),
  { world: WORLDS[0], way: WAYS[1] },
])('in world $world, applied by $way in a schema that it creates', ({ world, way }) => {
  test('the schema is closed as well, and only service_role has USAGE', async () => {
    const site = await sites.create(world);
    const expected = { before: await inventory(site), owner: site.owner };
    await migrate(site, way, 'tracking');
    const found = await createdSince(site, expected.before);
    expect(found.filter(({ kind }) => kind === 'schema').map(({ name }) => name)).toEqual([
      'tracking',
    ]);
    const { checked, holes } = await checkPrivileges(site, expected);
    counts.push({ world, way, schema: 'tracking', privileges: checked, holes: holes.length });
    expect(holes).toEqual([]);

    await site.query('GRANT USAGE ON SCHEMA tracking TO reporter');
    expect((await checkPrivileges(site, expected)).holes).toEqual([
      'reporter holds USAGE on schema tracking',
      'the list of schema tracking gives USAGE to reporter',
    ]);
  });
});

test.each(['legacy', '2026'] as const)(
  'with default privileges of %s a table that nobody closes is open',
  async (world) => {
    const site = await sites.create(world);
    const expected = { before: await inventory(site), owner: site.owner };
    await site.query(`SET ROLE ${site.owner}; CREATE TABLE careless (id serial)`);
    const { holes } = await checkPrivileges(site, expected);
    for (const role of ['anon', 'authenticated']) {
      expect(holes).toContain(`${role} holds TRUNCATE on relation public.careless`);
      expect(holes).toContain(`${role} holds USAGE on type public.careless`);
      const reads = holes.includes(`${role} holds SELECT on relation public.careless`);
      expect(reads).toBe(world === 'legacy');
    }
  },
);
