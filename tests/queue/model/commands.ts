import fc from 'fast-check';
import { MINUTE } from './entry.ts';
import type { Model } from './model.ts';
import { PLATFORMS, pick, platform, worker } from './pick.ts';
import { insert, passTime, record, refused, undone } from './steps-around-workers.ts';
import { claimRequests, settle } from './steps-of-requests.ts';
import { claim, complete, fail, requeue } from './steps-of-workers.ts';
import type { Workers } from './workers.ts';

export type Command = fc.AsyncCommand<Model, Workers>;

/** How often each command was run. */
export const counted = new Map<string, number>();

type Run<Given> = (model: Model, workers: Workers, worker: number, given: Given) => Promise<void>;

type When = (model: Pick<Model, 'hasOpen' | 'anyOpen'>, worker: number) => boolean;

const always: When = () => true;

/** A command of some worker's, with what it is given. */
function commandsOf<Given>(
  name: string,
  given: fc.Arbitrary<Given>,
  run: Run<Given>,
  when: When = always,
): fc.Arbitrary<Command> {
  return fc.tuple(worker, given).map(([who, what]) => ({
    check: (model) => when(model, who),
    run: async (model, workers) => {
      counted.set(name, (counted.get(name) ?? 0) + 1);
      await run(model, workers, who, what);
    },
    toString: () => `${name}(${who}, ${JSON.stringify(what)})`,
  }));
}

const outside: When = (model, who) => !model.hasOpen(who);
const inside: When = (model, who) => model.hasOpen(who);
/** Moving the clock writes to every row, and would wait for a worker that has locked one. */
const quiet: When = (model) => !model.anyOpen;

const errorCode = fc.constantFrom('QUOTA', 'INVALID_GCLID', null);

const claimRequest = fc.record({
  platform,
  limit: fc.constantFrom(1, 2, 3, 5, 100),
  lease: fc.constantFrom(1000, MINUTE, 10 * MINUTE, 90 * MINUTE),
});

const success = fc.record({
  picked: pick,
  request: fc.constantFrom('none' as const, 'new' as const, 'new' as const, 'repeated' as const),
});

const checks = fc.record({
  platform,
  limit: fc.constantFrom(1, 2, 10),
  lease: fc.constantFrom(MINUTE, 10 * MINUTE, 90 * MINUTE),
});

const result = fc.record({
  nth: fc.nat({ max: 5 }),
  status: fc.constantFrom(
    'processing' as const,
    'succeeded' as const,
    'partially_succeeded' as const,
    'partially_succeeded' as const,
    'failed' as const,
  ),
  rejected: fc.array(
    fc.record({
      place: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(0, 0, 1, 2, 5) },
        { weight: 1, arbitrary: fc.constant(null) },
      ),
      by: fc.constantFrom('id' as const, 'index' as const),
      outcome: fc.constantFrom(
        'retry' as const,
        'retry_later' as const,
        'permanent' as const,
        'complete' as const,
      ),
      code: fc.constantFrom('INTERNAL_ERROR', 'INVALID_GCLID'),
      message: fc.constantFrom(null, 'busy'),
      count: fc.constantFrom(null, 1, 100),
    }),
    { maxLength: 3 },
  ),
  lease: fc.constantFrom('of the claim' as const, 'none' as const, 'of another' as const),
});

const failure = fc.record({
  picked: pick,
  lease: fc.oneof(
    { weight: 4, arbitrary: fc.constant('of the claim' as const) },
    { weight: 1, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: pick },
  ),
  error: fc.constantFrom('no answer', 'refused'),
  error_code: errorCode,
  retryIn: fc.constantFrom(null, null, -MINUTE, -60 * MINUTE, 3 * MINUTE, 45 * MINUTE),
  permanent: fc.oneof(
    { weight: 5, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
});

const reports = fc.array(
  fc.record({
    deal: fc.nat({ max: 15 }).map((number) => `D${number}`),
    value: fc.constantFrom('10.00', '20.50'),
    platforms: fc.oneof(
      fc.constant(['google_ads']),
      fc.subarray(['google_ads', ...PLATFORMS, 'another']),
    ),
    max_retries: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 4 },
);

const ownRows = fc.array(
  fc.record({
    platform,
    status: fc.constantFrom('pending', 'pending', 'failed', 'dead_letter'),
    retry_count: fc.nat({ max: 12 }),
    more: fc.nat({ max: 3 }),
    retryIn: fc.constantFrom(null, -2 * MINUTE, -2 * MINUTE, 4 * MINUTE),
    request_id: fc.constantFrom(null, 'r0'),
  }),
  { minLength: 1, maxLength: 4 },
);

const deadLetters = fc.record({
  platform: fc.oneof(platform, fc.constant(null)),
  error_code: fc.constantFrom(null, null, 'QUOTA', 'LEASE_EXPIRED'),
  limit: fc.constantFrom(1, 2, 1000),
  picked: fc.oneof(pick, fc.constant(null)),
});

const nonsense = fc.constantFrom<Parameters<typeof refused>[3]>(
  ['claim_conversions', { limit: 0 }],
  ['claim_conversions', { limit: 10_001 }],
  ['claim_conversions', { limit: null }],
  ['claim_conversions', { platform: null }],
  ['claim_conversions', { lease: '0 seconds' }],
  ['claim_conversions', { lease: '-1 minutes' }],
  ['claim_conversions', { lease: '25 hours' }],
  ['claim_conversions', { lease: null }],
  ['fail_conversions', { ids: [], error: 'never again', retry_at: 'infinity' }],
  ['requeue_dead_letters', { limit: 0 }],
  ['claim_upload_requests', { limit: 0 }],
  ['claim_upload_requests', { lease: '25 hours' }],
  ['settle_upload_request', { platform: 'google_ads', request_id: 'none', status: 'failed' }],
  ['settle_upload_request', { platform: 'google_ads', request_id: 'r0', status: 'expired' }],
  ['record_conversion', { lead_id: null, conversion_type: 'closed', crm_deal_id: 'D1' }],
);

const nothing = fc.constant(null);

type Weighed = readonly (readonly [weight: number, command: fc.Arbitrary<Command>])[];

const claiming = commandsOf('claim', claimRequest, claim);
const completing = commandsOf('complete', success, complete);
const recording = commandsOf('record', reports, record, outside);
const checking = commandsOf('claim requests', checks, claimRequests);
const settling = commandsOf('settle', result, settle);
const passing = (...minutes: readonly number[]) =>
  commandsOf(
    'passTime',
    fc.constantFrom(...minutes).map((count) => count * MINUTE),
    (model, workers, _, by) => passTime(model, workers, by),
    quiet,
  );

/** Every command, and how often it comes compared to the others. */
const EVERY: Weighed = [
  [5, recording],
  [2, commandsOf('insert', ownRows, insert, outside)],
  [10, claiming],
  [5, completing],
  [8, commandsOf('fail', failure, fail)],
  [5, checking],
  [7, settling],
  [3, commandsOf('requeue', deadLetters, requeue)],
  [1, commandsOf('refused', nonsense, refused, outside)],
  [8, passing(1, 4, 11, 45, 100, 400)],
  [2, commandsOf('begin', nothing, begin, outside)],
  [5, commandsOf('commit', nothing, commit, inside)],
  [5, commandsOf('rollBack', nothing, rollBack, inside)],
  [1, commandsOf('crash', nothing, crash)],
  [1, commandsOf('undone claim', claimRequest, undo(claim))],
  [1, commandsOf('undone complete', success, undo(complete))],
  [1, commandsOf('undone fail', failure, undo(fail))],
  [1, commandsOf('undone settle', result, undo(settle))],
];

/** Those that lead to many open requests, and to late results. */
const OF_REQUESTS: Weighed = [
  [3, recording],
  [6, claiming],
  [6, completing],
  [8, checking],
  [4, settling],
  [8, passing(4, 11, 45, 100, 100, 400, 400, 1_500)],
];

const oneOf = (weighed: Weighed) =>
  fc.oneof(...weighed.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** Any command, or one that concerns upload requests. */
export const command = { any: oneOf(EVERY), ofRequests: oneOf(OF_REQUESTS) };

async function begin(model: Model, workers: Workers, who: number): Promise<void> {
  await workers.run(who, 'BEGIN');
  model.begin(who);
}

async function commit(model: Model, workers: Workers, who: number): Promise<void> {
  await workers.run(who, 'COMMIT');
  model.commit(who);
}

async function rollBack(model: Model, workers: Workers, who: number): Promise<void> {
  await workers.run(who, 'ROLLBACK');
  model.rollBack(who);
}

/** It forgets what it had in hand, and its transaction is gone. */
async function crash(model: Model, workers: Workers, who: number): Promise<void> {
  await workers.crash(who);
  model.rollBack(who);
  model.hands[who] = [];
}

function undo<Given>(run: Run<Given>): Run<Given> {
  return (model, workers, who, given) =>
    undone(model, workers, who, () => run(model, workers, who, given));
}
