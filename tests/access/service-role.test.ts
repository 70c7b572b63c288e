import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { snapshot } from '../support/catalogue.ts';
import {
  type Migrator,
  type SupabaseProject,
  type SupabaseServer,
  startSupabase,
  type World,
} from '../support/supabase.ts';
import { inventory } from './objects.ts';
import { checkPrivileges } from './privileges.ts';

let server: SupabaseServer;

beforeAll(async () => {
  server = await startSupabase();
});

afterAll(() => server?.stop());

const CASES: readonly (readonly [World, Migrator])[] = [
  ['legacy', 'supabase_postgres'],
  ['2026', 'supabase_postgres'],
  ['2026', 'supabase_admin'],
];

describe.each(CASES)('with default privileges of %s, migrated by %s', (world, migrator) => {
  let project: SupabaseProject;
  let before: readonly string[];

  beforeAll(async () => {
    project = await server.createProject(world);
    before = await inventory(project);
    await runMigrations({ databaseUrl: project.urlFor(migrator) });
  });

  test('nobody holds a privilege but the migrator, and service_role those on rows', async () => {
    const { holes } = await checkPrivileges(project, { before, owner: migrator });
    expect(holes).toEqual([]);
  });

  test('service_role writes, changes, reads and deletes rows of all tables', async () => {
    const rows = await project.asApiRole('service_role', WRITE_ALL);
    expect(rows).toEqual([{ conversions: 1, entries: 1, events: 1 }]);
    await project.asApiRole('service_role', "UPDATE conversion_queue SET status = 'uploaded'");
    const read = await project.asApiRole(
      'service_role',
      `SELECT c.idempotency_key, q.status, v.visitor_id, e.event_name
         FROM leads l JOIN conversions c ON c.lead_id = l.id
         JOIN conversion_queue q ON q.conversion_id = c.id,
              visitors v JOIN tracking_events e ON e.visitor_id = v.id`,
    );
    expect(read).toEqual([
      {
        idempotency_key: 'D-1:closed',
        status: 'uploaded',
        visitor_id: 'cookie',
        event_name: 'page_view',
      },
    ]);
    await project.asApiRole('service_role', 'DELETE FROM leads');
    expect(await project.asApiRole('service_role', 'SELECT id FROM conversion_queue')).toEqual([]);
  });

  test('down and up again leaves every privilege as it was', async () => {
    const databaseUrl = project.urlFor(migrator);
    const healthy = await snapshot(project);
    const count = Number.POSITIVE_INFINITY;
    await runMigrations({ databaseUrl, direction: 'down', count, allowDataLoss: true });
    await runMigrations({ databaseUrl });
    expect(await snapshot(project)).toEqual(healthy);
  });
});

const WRITE_ALL = `
  WITH lead AS (INSERT INTO leads DEFAULT VALUES RETURNING id),
       visitor AS (INSERT INTO visitors (visitor_id) VALUES ('cookie') RETURNING id),
       conversion AS (
         INSERT INTO conversions (lead_id, conversion_type, idempotency_key, crm_deal_id)
         SELECT id, 'closed', 'D-1:closed', 'D-1' FROM lead RETURNING id),
       entry AS (INSERT INTO conversion_queue (conversion_id) SELECT id FROM conversion RETURNING id),
       event AS (
         INSERT INTO tracking_events (visitor_id, event_name)
         SELECT id, 'page_view' FROM visitor RETURNING id)
  SELECT (SELECT count(*)::int FROM conversion) AS conversions,
         (SELECT count(*)::int FROM entry) AS entries,
         (SELECT count(*)::int FROM event) AS events`;

describe.each<World>(['legacy', '2026'])(
  'an application with default privileges of %s',
  (world) => {
    test('keeps its own leads table exactly as it was', async () => {
      const project = await server.createProject(world);
      await project.query(`
      SET ROLE supabase_postgres;
      CREATE TABLE leads (id uuid PRIMARY KEY, email text);
      GRANT SELECT, INSERT (email) ON leads TO anon;
      GRANT SELECT ON leads TO PUBLIC;
      CREATE POLICY everybody ON leads USING (true);`);
      const before = await snapshot(project, 'public.leads');
      await runMigrations({ databaseUrl: project.url });
      expect(await snapshot(project, 'public.leads')).toEqual(before);
      expect(await project.asApiRole('anon', 'SELECT * FROM leads')).toEqual([]);
    });
  },
);
