import { beforeAll, describe, expect, test } from 'vitest';
import { runMigrations, verifySchema } from '../../src/index.ts';
import { trackingQueue } from '../../src/queue/index.ts';
import { install, type Project } from '../package/installed.ts';
import { createDatabase, type TestDatabase, withClient } from '../support/database.ts';
import { snippetsOf } from './guide.ts';

const [MIGRATE, ...OTHERS] = snippetsOf('One schema for each tenant');
const TENANTS = ['tenant_1', 'tenant_2', 'tenant_3'];

describe('tenants', () => {
  let db: TestDatabase;
  let project: Project;
  beforeAll(async () => {
    project = await install('pg');
    db = await createDatabase();
    await db.query('CREATE TABLE leads (id uuid PRIMARY KEY DEFAULT gen_random_uuid())');
    project.write('migrate.mjs', MIGRATE?.text ?? '');
    for (const TENANT of TENANTS) {
      const env = { DATABASE_URL: db.url, TENANT };
      const { code, stderr } = await project.run('node', ['migrate.mjs'], env);
      expect([code, stderr]).toEqual([0, '']);
    }
  });

  test('have each a schema that is right, and share the leads', async () => {
    expect(OTHERS).toEqual([]);
    for (const tenant of TENANTS) {
      const schema = [tenant, 'public'];
      const options = { databaseUrl: db.url, schema };
      expect((await runMigrations(options)).ran).toEqual([]);
      expect((await verifySchema(options)).ok).toBe(true);
    }
    const tables = await db.query(
      `SELECT n.nspname, (SELECT count(*)::int FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind = 'r') AS tables
         FROM pg_namespace n WHERE n.nspname LIKE 'tenant%' ORDER BY 1`,
    );
    expect(tables).toEqual(TENANTS.map((nspname) => ({ nspname, tables: 6 })));
  });

  test('have each a queue of their own', async () => {
    const [lead] = await db.query<{ id: string }>('INSERT INTO leads DEFAULT VALUES RETURNING id');
    await withClient(db.url, async (client) => {
      const queueOf = (schema: string) => trackingQueue(client, { schema });
      const deal = {
        lead_id: lead?.id ?? '',
        conversion_type: 'closed',
        crm_deal_id: 'D-1',
      } as const;
      for (const tenant of ['tenant_1', 'tenant_3']) {
        expect((await queueOf(tenant).recordConversion(deal)).is_new).toBe(true);
      }
      expect(await queueOf('tenant_1').claimConversions()).toHaveLength(1);
      expect(await queueOf('tenant_2').claimConversions()).toEqual([]);
      expect(await queueOf('tenant_3').claimConversions()).toHaveLength(1);
    });
  });
});

test('conversions may be in another database than visitors', async () => {
  const [visitors, conversions] = [await createDatabase(), await createDatabase()];
  for (const { url } of [visitors, conversions]) await runMigrations({ databaseUrl: url });
  const queueOf = ({ query }: TestDatabase) =>
    trackingQueue({ query: async (text, values) => ({ rows: await query(text, values) }) });
  const visit = { visitor_id: 'cookie', gclid: 'click', utm_source: 'google' };
  const { gclid, utm_source } = await queueOf(visitors).upsertVisitor(visit);
  const [lead] = await conversions.query<{ id: string }>(
    'INSERT INTO leads DEFAULT VALUES RETURNING id',
  );
  await queueOf(conversions).recordConversion({
    lead_id: lead?.id ?? '',
    conversion_type: 'closed',
    crm_deal_id: 'D-1',
    visitor_id: 'cookie',
    gclid,
    utm_source,
  });
  expect(await queueOf(conversions).claimConversions()).toMatchObject([
    { gclid: 'click', utm_source: 'google' },
  ]);
});
