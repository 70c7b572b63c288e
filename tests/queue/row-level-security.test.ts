import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TrackingQueue, trackingQueue } from '../../src/queue/index.ts';
import { createRole, withClient } from '../support/database.ts';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';

let given: QueueDatabase;
let role: Awaited<ReturnType<typeof createRole>>;

// A role with all the privileges of service_role, but without its BYPASSRLS, which is not inherited.
beforeEach(async () => {
  given = await emptyQueueDatabase();
  role = await createRole();
  await given.db.query(`
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role.name};
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO ${role.name}`);
});

afterEach(async () => {
  await given.db.query(`DROP OWNED BY ${role.name}`);
});

const IDS = ['00000000-0000-4000-8000-000000000001'];

test.each<[string, (queue: TrackingQueue) => Promise<unknown>]>([
  ['claim_conversions', (queue) => queue.claimConversions()],
  ['complete_conversions', (queue) => queue.completeConversions({ ids: IDS })],
  [
    'fail_conversions',
    (queue) => queue.failConversions({ ids: IDS, lease_id: IDS[0] ?? '', error: 'refused' }),
  ],
  ['requeue_dead_letters', (queue) => queue.requeueDeadLetters()],
  ['conversion_queue_health', (queue) => queue.conversionQueueHealth()],
])('%s fails where row level security hides the queue', async (name, call) => {
  await withClient(given.db.urlFor(role.name, role.password), async (client) => {
    await expect(call(trackingQueue(client))).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringContaining(
        `${name}: Row level security hides conversion_queue from the role ${role.name}. Call as the owner`,
      ),
      cause: { code: '42501' },
    });
  });
});

test.each<[string, (queue: TrackingQueue) => Promise<unknown>]>([
  ['upsert_visitor', (queue) => queue.upsertVisitor({ visitor_id: 'cookie' })],
  ['record_events', (queue) => queue.recordEvents([{ event_name: 'page_view' }])],
  [
    'record_conversion',
    (queue) =>
      queue.recordConversion({
        lead_id: given.lead,
        conversion_type: 'closed',
        crm_deal_id: 'D-1',
      }),
  ],
  ['purge_tracking_data', (queue) => queue.purgeTrackingData({ older_than: '1 day' })],
])('%s fails where row level security applies', async (name, call) => {
  await withClient(given.db.urlFor(role.name, role.password), async (client) => {
    await expect(call(trackingQueue(client))).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringMatching(new RegExp(`^${name}: .*row-level security`)),
    });
  });
});

test('a role with BYPASSRLS works without SET ROLE', async () => {
  await given.record(1);
  await given.db.query(`ALTER ROLE ${role.name} BYPASSRLS`);
  await withClient(given.db.urlFor(role.name, role.password), async (client) => {
    expect(await trackingQueue(client).claimConversions()).toHaveLength(1);
  });
});
