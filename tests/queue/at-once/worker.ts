import type pg from 'pg';
import { type CallTarget, callFunction } from '../../../src/queue/call-function.ts';
import type {
  ClaimedConversion,
  RecordedConversion,
  UpdatedEntry,
} from '../../../src/queue/index.ts';
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
}

/** Does what the plan says, and writes down what comes of it. */
export async function work(client: pg.Client, plan: readonly Action[]): Promise<Diary> {
  const diary: Diary = { claims: [], answers: [], records: [] };
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
    } else {
      const { does, nth, backwards } = action;
      const held = inHand.at(-1 - nth);
      if (!held) continue;
      const { lease_id } = held;
      const ids = backwards ? held.ids.toReversed() : held.ids;
      const answers =
        does === 'complete'
          ? await callFunction<InMicros<UpdatedEntry>>(site, 'complete_conversions', { ids })
          : await callFunction<InMicros<UpdatedEntry>>(site, 'fail_conversions', {
              ids,
              lease_id,
              error: does,
              retry_at: '2000-01-01',
              permanent: does === 'give up',
            });
      diary.answers.push(...answers.map((answer) => ({ ...answer, does, lease_id })));
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
