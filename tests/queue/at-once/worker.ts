import type pg from 'pg';
import { type CallTarget, callFunction } from '../../../src/queue/call-function.ts';
import type {
  ClaimedConversion,
  ClaimedUploadRequest,
  RecordedConversion,
  SettledUploadRequest,
  UpdatedEntry,
} from '../../../src/queue/index.ts';
import { InvalidArgumentError } from '../../../src/queue/index.ts';
import type { InMicros, Micros } from '../model/entry.ts';
import { LEAD } from '../model/workers.ts';
import type { Action } from './plan.ts';

/** An entry that was out, as the worker saw it that had it. */
export interface SeenClaim {
  readonly id: string;
  readonly lease_id: string;
  /** The server's reading of its clock. */
  readonly from: Micros;
  readonly until: Micros;
  readonly retry_count: number;
}

export interface SeenAnswer extends InMicros<UpdatedEntry> {
  readonly does: 'complete' | 'fail' | 'give up';
  readonly lease_id: string;
  /** Of the request that completed it. */
  readonly request_id: string | undefined;
}

/** A request that was out for a check, as the worker saw it that had it. */
export interface SeenCheck
  extends Pick<ClaimedUploadRequest, 'request_id' | 'entry_ids' | 'check_count' | 'lease_id'> {
  readonly from: Micros;
  readonly until: Micros;
}

/** What a worker has reported of a request. */
export interface SeenSettlement {
  readonly request_id: string;
  readonly lease_id: string;
  readonly status: 'processing' | 'succeeded' | 'partially_succeeded' | 'failed';
  /** By the id of the entry. */
  readonly rejected: ReadonlyMap<string, 'retry' | 'permanent'>;
  /** Undefined: refused, since the request has another result. */
  readonly answer: SettledUploadRequest | undefined;
}

export interface SeenRecord {
  readonly deal: string;
  readonly id: string;
  readonly is_new: boolean;
  readonly platforms: readonly string[];
}

/** All that one worker has seen. */
export interface Diary {
  readonly claims: SeenClaim[];
  readonly answers: SeenAnswer[];
  readonly records: SeenRecord[];
  readonly checks: SeenCheck[];
  readonly settlements: SeenSettlement[];
}

/** Does what the plan says, and writes down what comes of it. */
export async function work(client: pg.Client, plan: readonly Action[]): Promise<Diary> {
  const diary: Diary = { claims: [], answers: [], records: [], checks: [], settlements: [] };
  const site: CallTarget = { db: client, schema: undefined };
  const inHand: { lease_id: string; ids: readonly string[] }[] = [];
  for (const action of plan) {
    if (action.does === 'record') {
      diary.records.push(await record(site, `D${diary.records.length}`, action));
    } else if (action.does === 'claim') {
      const claims = await claim(client, site, action);
      if (action.how !== 'rolled back') diary.claims.push(...claims);
      const [first] = claims;
      if (first) inHand.push({ lease_id: first.lease_id, ids: claims.map(({ id }) => id) });
    } else if (action.does === 'check') {
      diary.checks.push(...(await check(site, action)));
    } else if (action.does === 'settle') {
      const checked = diary.checks.at(-1 - action.nth);
      if (checked) diary.settlements.push(await settle(site, checked, action));
    } else {
      const { nth, backwards } = action;
      const held = inHand.at(-1 - nth);
      if (!held) continue;
      const { lease_id } = held;
      const ids = backwards ? held.ids.toReversed() : held.ids;
      // The same request if it is repeated, in the same order.
      const request_id =
        action.does === 'complete a request' ? `${lease_id} ${backwards}` : undefined;
      const does = action.does === 'complete a request' ? 'complete' : action.does;
      const answers =
        does === 'complete'
          ? await callFunction<InMicros<UpdatedEntry>>(site, 'complete_conversions', {
              ids,
              request_id,
            })
          : await callFunction<InMicros<UpdatedEntry>>(site, 'fail_conversions', {
              ids,
              lease_id,
              error: does,
              retry_at: '2000-01-01',
              permanent: does === 'give up',
            });
      diary.answers.push(...answers.map((answer) => ({ ...answer, does, lease_id, request_id })));
    }
  }
  return diary;
}

async function record(
  site: CallTarget,
  deal: string,
  { platforms, max_retries }: Extract<Action, { does: 'record' }>,
): Promise<SeenRecord> {
  const [row] = await callFunction<InMicros<RecordedConversion>>(site, 'record_conversion', {
    lead_id: LEAD,
    conversion_type: 'closed',
    crm_deal_id: deal,
    platforms,
    max_retries,
  });
  return { deal, platforms, id: row?.id ?? '', is_new: row?.is_new ?? false };
}

async function claim(
  client: pg.Client,
  site: CallTarget,
  { limit, lease, how }: Extract<Action, { does: 'claim' }>,
): Promise<SeenClaim[]> {
  if (how !== 'alone') await client.query('BEGIN');
  const rows = await callFunction<InMicros<ClaimedConversion>>(site, 'claim_conversions', {
    limit,
    lease: `${lease / 1000} milliseconds`,
  });
  if (how !== 'alone') await client.query(how === 'committed' ? 'COMMIT' : 'ROLLBACK');
  return rows.map(({ id, lease_id, leased_until, retry_count }) => ({
    id,
    lease_id,
    from: leased_until - lease,
    until: leased_until,
    retry_count,
  }));
}

async function check(
  site: CallTarget,
  { limit, lease }: Extract<Action, { does: 'check' }>,
): Promise<SeenCheck[]> {
  const rows = await callFunction<InMicros<ClaimedUploadRequest>>(site, 'claim_upload_requests', {
    limit,
    lease: `${lease / 1000} milliseconds`,
  });
  return rows.map(({ request_id, entry_ids, check_count, lease_id, leased_until }) => ({
    ...{ request_id, entry_ids: entry_ids as unknown as readonly string[], check_count, lease_id },
    from: leased_until - lease,
    until: leased_until,
  }));
}

async function settle(
  site: CallTarget,
  { request_id, lease_id, entry_ids }: SeenCheck,
  { status, rejected: places }: Extract<Action, { does: 'settle' }>,
): Promise<SeenSettlement> {
  const isRejected = status === 'partially_succeeded' || status === 'failed';
  const rejected = (isRejected ? places : []).map(({ place, outcome }) => ({
    index: place % entry_ids.length,
    outcome,
    code: outcome,
  }));
  const result = { platform: 'google_ads', request_id, lease_id, status, rejected };
  const outcomes = new Map<string, 'retry' | 'permanent'>();
  if (status === 'failed') for (const id of entry_ids) outcomes.set(id, 'retry');
  for (const { index, outcome } of rejected) {
    const id = entry_ids[index] ?? '';
    if (outcomes.get(id) !== 'permanent') outcomes.set(id, outcome);
  }
  const seen = { request_id, lease_id, status, rejected: outcomes };
  try {
    const [answer] = await callFunction<SettledUploadRequest>(
      site,
      'settle_upload_request',
      result,
    );
    return { ...seen, answer };
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return { ...seen, answer: undefined };
  }
}
