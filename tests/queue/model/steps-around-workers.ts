import assert from 'node:assert/strict';
import { InvalidArgumentError, type RecordedConversion } from '../../../src/queue/index.ts';
import type { Entry, InMicros, Micros, Status } from './entry.ts';
import { holdsAfter } from './invariants.ts';
import type { Model } from './model.ts';
import { chosen, type Situation } from './prediction.ts';
import { textOf } from './session.ts';
import { take } from './step.ts';
import { LEAD, type Workers } from './workers.ts';

/** What the CRM reports; again with the same deal is the same conversion. */
export interface Report {
  readonly deal: string;
  readonly value: string;
  readonly platforms: readonly string[];
  readonly max_retries: number;
}

export async function record(
  model: Model,
  workers: Workers,
  worker: number,
  reports: readonly Report[],
): Promise<void> {
  for (const one of reports) await recordOne(model, workers, worker, one);
}

async function recordOne(
  model: Model,
  workers: Workers,
  worker: number,
  { deal, value, platforms, max_retries }: Report,
): Promise<void> {
  const known = model.conversions.get(deal);
  const [row] = await take<InMicros<RecordedConversion>>(model, workers, {
    act: 'record',
    worker,
    call: () =>
      workers.call(worker, 'record_conversion', {
        lead_id: LEAD,
        conversion_type: 'closed',
        crm_deal_id: deal,
        conversion_value: value,
        platforms,
        max_retries,
      }),
    predict: (situation) => ({
      changed: queued(situation, { known: known?.id, platforms, max_retries }),
      locks: [],
    }),
  });
  assert(row);
  assert.deepEqual(
    { is_new: row.is_new, id: row.id, value: row.conversion_value, key: row.idempotency_key },
    {
      is_new: known === undefined,
      id: known?.id ?? row.id,
      value: known?.value ?? value,
      key: `${deal}:closed`,
    },
  );
  model.conversions.set(deal, { id: row.id, value: known?.value ?? value });
}

/** One entry for each platform that has none yet, with an id of the server's choice. */
function queued(
  { entries, seen, window }: Situation,
  report: { known: string | undefined; platforms: readonly string[]; max_retries: number },
): Entry[] {
  const has = [...entries.values()]
    .filter(({ conversion_id }) => conversion_id === report.known)
    .map(({ platform }) => platform);
  const lacks = new Set(report.platforms.filter((platform) => !has.includes(platform)));
  const fresh = [...seen.values()].filter(({ id }) => !entries.has(id));
  return [...lacks].map((platform) => {
    const one = fresh.find((entry) => entry.platform === platform);
    return {
      ...NEW,
      id: one?.id ?? `an entry for ${platform}`,
      conversion_id: report.known ?? one?.conversion_id ?? 'a conversion',
      platform,
      max_retries: report.max_retries,
      created_at: chosen(one?.created_at, window),
    };
  });
}

const NEW = {
  status: 'pending',
  retry_count: 0,
  next_retry_at: null,
  last_error: null,
  error_code: null,
  request_id: null,
  uploaded_at: null,
  leased_until: null,
  lease_id: null,
  send_alone: null,
} as const;

/** Rows as the contract allows them, by an application that writes to the table itself. */
export interface OwnRow {
  readonly platform: string;
  readonly status: Exclude<Status, 'uploaded'>;
  readonly retry_count: number;
  /** Above the tries so far. */
  readonly more: number;
  /** From now. */
  readonly retryIn: Micros | null;
  readonly request_id: string | null;
}

export async function insert(
  model: Model,
  workers: Workers,
  worker: number,
  rows: readonly OwnRow[],
): Promise<void> {
  const due = (retryIn: Micros | null) => (retryIn === null ? null : model.clock + retryIn);
  const before = model.entriesFor(worker);
  await workers.run(
    worker,
    `WITH c AS (
       INSERT INTO conversions (lead_id, conversion_type, idempotency_key)
       VALUES ($1, 'closed', gen_random_uuid()) RETURNING id)
     INSERT INTO conversion_queue (conversion_id, platform, status, retry_count, max_retries, next_retry_at, request_id)
     SELECT c.id, r.platform, r.status, r.retry_count, r.max_retries, r.next_retry_at,
            r.request_id
       FROM c, jsonb_to_recordset($2) r (platform text, status text, retry_count integer,
         max_retries integer, next_retry_at timestamptz, request_id text)`,
    [
      LEAD,
      JSON.stringify(
        rows.map(({ retryIn, more, ...row }) => ({
          ...row,
          max_retries: row.retry_count + more,
          next_retry_at: retryIn === null ? null : textOf(due(retryIn) as Micros),
        })),
      ),
    ],
  );
  const { at, entries } = await workers.look(worker);
  holdsAfter('record', before, entries);
  const added = [...entries.values()].filter(({ id }) => !before.has(id));
  assert.equal(added.length, rows.length);
  model.clock = at;
  model.change(worker, added, new Map(), []);
}

/** The functions ask the server's clock; so all that is written moves into the past instead. */
export async function passTime(model: Model, workers: Workers, by: Micros): Promise<void> {
  await workers.run(
    0,
    `UPDATE conversion_queue
        SET created_at = created_at - $1::interval,
            next_retry_at = next_retry_at - $1::interval,
            leased_until = leased_until - $1::interval`,
    [`${by / 1000} milliseconds`],
  );
  await workers.run(
    0,
    `UPDATE upload_requests
        SET accepted_at = accepted_at - $1::interval,
            next_check_at = next_check_at - $1::interval,
            settled_at = settled_at - $1::interval`,
    [`${by / 1000} milliseconds`],
  );
  model.passTime(by);
}

/** What is refused changes nothing. */
export async function refused(
  model: Model,
  workers: Workers,
  worker: number,
  [name, args]: Parameters<Workers['call']> extends [number, ...infer Call] ? Call : never,
): Promise<void> {
  await take(model, workers, {
    act: 'record',
    worker,
    call: async () => {
      await assert.rejects(workers.call(worker, name, args), InvalidArgumentError);
      return [];
    },
    predict: () => ({ answer: [], changed: [], locks: [] }),
  });
}

/** Does something in a transaction, or in a part of one, that is rolled back then. */
export async function undone(
  model: Model,
  workers: Workers,
  worker: number,
  something: () => Promise<void>,
): Promise<void> {
  if (!model.hasOpen(worker)) {
    await workers.run(worker, 'BEGIN');
    model.begin(worker);
    await something();
    await workers.run(worker, 'ROLLBACK');
    model.rollBack(worker);
    return;
  }
  const back = model.savepoint(worker);
  await workers.run(worker, 'SAVEPOINT here');
  await something();
  await workers.run(worker, 'ROLLBACK TO SAVEPOINT here');
  back();
}
