import type { FunctionName } from '../../../src/queue/functions.ts';

/** A function with one fault, made of its text. */
export interface Mutant {
  readonly fault: string;
  readonly name: FunctionName;
  /** Each is there, and replaced wherever it is. */
  readonly replace: readonly (readonly [from: string, to: string])[];
}

/** As claim_conversions says it. */
const ATTEMPTS =
  'q.retry_count + (q.lease_id IS NOT NULL AND q.retry_count < q.max_retries)::integer';
/** As fail_conversions says it. */
const ONE_ATTEMPT_MORE = 'q.retry_count + (q.retry_count < q.max_retries)::integer';

const CLAIM: readonly (readonly [string, ...(readonly [string, string])[]])[] = [
  ['waits for locked entries', ['FOR NO KEY UPDATE SKIP LOCKED', 'FOR NO KEY UPDATE']],
  ['locks nothing that it finds', ['FOR NO KEY UPDATE SKIP LOCKED', '']],
  ['gives out what is out', ['AND (q.leased_until IS NULL OR q.leased_until <= at)', '']],
  [
    'gives out what is out, and locks nothing that it finds',
    ['AND (q.leased_until IS NULL OR q.leased_until <= at)', ''],
    ['FOR NO KEY UPDATE SKIP LOCKED', ''],
  ],
  [
    'ends leases a minute early',
    ['q.leased_until <= at', "q.leased_until <= at + interval '1 minute'"],
  ],
  ['never gives out again', ['OR q.leased_until <= at', '']],
  ['takes what is not due', ['AND coalesce(q.next_retry_at, q.created_at) <= at', '']],
  [
    'takes waiting entries by their age alone',
    ['coalesce(q.next_retry_at, q.created_at) <= at', 'q.created_at <= at'],
  ],
  ['orders by id', ['ORDER BY coalesce(q.next_retry_at, q.created_at)', 'ORDER BY q.id']],
  [
    'orders by age alone',
    ['ORDER BY coalesce(q.next_retry_at, q.created_at)', 'ORDER BY q.created_at'],
  ],
  ['takes the youngest first', ['ORDER BY coalesce(q.next_retry_at, q.created_at)', '$& DESC']],
  [
    'returns the youngest first',
    [
      'unnest(due[1:wanted]) d (ctid)',
      '(SELECT u.ctid FROM unnest(due[1:wanted]) WITH ORDINALITY u (ctid, place) ORDER BY u.place DESC) d',
    ],
  ],
  [
    'counts no try for a lease that passed',
    [`retry_count = ${ATTEMPTS}`, 'retry_count = q.retry_count'],
  ],
  [
    'counts a try for every claim',
    [`retry_count = ${ATTEMPTS}`, `retry_count = ${ONE_ATTEMPT_MORE}`],
  ],
  ['forgets max_retries', ['>= q.max_retries', '>= q.max_retries + 1000']],
  [
    'gives one try more',
    [
      `${ATTEMPTS} >= q.max_retries`,
      'q.retry_count + (q.lease_id IS NOT NULL)::integer > q.max_retries',
    ],
  ],
  ['gives one try less', ['>= q.max_retries', '>= q.max_retries - 1']],
  [
    'leaves pending what has been tried',
    ["WHEN q.lease_id IS NOT NULL THEN 'failed'", "WHEN false THEN 'failed'"],
  ],
  ['says nothing of a lease that passed', ["THEN 'LEASE_EXPIRED' ELSE", 'THEN q.error_code ELSE']],
  ['keeps a dead letter due', ['next_retry_at = NULL', 'next_retry_at = q.next_retry_at']],
  ['keeps a dead letter leased', ['lease_id = NULL', 'lease_id = claim']],
  ['gives every entry a lease of its own', ['lease_id = claim', 'lease_id = gen_random_uuid()']],
  ['leases for half as long', ['clock_timestamp() + lease', 'clock_timestamp() + lease / 2']],
  ['lets dead letters take places', ['EXIT WHEN wanted = 0 OR', 'EXIT WHEN true OR']],
  [
    'takes one too many',
    ['LIMIT width', 'LIMIT width + 1'],
    ['due[1:wanted]', 'due[1:wanted + 1]'],
  ],
  ['takes all that a wide search finds', ['due[1:wanted]', 'due']],
  ['fills up with as many again', ['wanted := wanted - taken', 'wanted := wanted']],
  ['forgets the platform', ['q.platform = claim_conversions.platform', 'true']],
  ['claims dead letters', ["q.status IN ('pending', 'failed')", "q.status <> 'uploaded'"]],
  ['claims no failed entries', ["q.status IN ('pending', 'failed')", "q.status = 'pending'"]],
];

const COMPLETE: typeof CLAIM = [
  ['makes uploaded not final', ["AND q.status <> 'uploaded'", '']],
  [
    'refuses late successes of dead letters',
    ["AND q.status <> 'uploaded'", "AND q.status IN ('pending', 'failed')"],
  ],
  [
    'believes only who has the entry',
    ["AND q.status <> 'uploaded'", '$& AND q.lease_id IS NOT NULL'],
  ],
  [
    'forgets the request',
    ['coalesce(complete_conversions.request_id, q.request_id)', 'complete_conversions.request_id'],
  ],
  ['keeps the lease', ['lease_id = NULL', 'lease_id = q.lease_id']],
  ['keeps the time of the next try', ['next_retry_at = NULL', 'next_retry_at = q.next_retry_at']],
  ['uses the time of the transaction', ['clock_timestamp()', 'now()']],
  ['checks a request at once', ["at + interval '30 minutes'", 'at']],
  ['completes again what a request has rejected', ['      RETURN;\n', '']],
  ['denies what it did', ['q.next_retry_at, true;', 'q.next_retry_at, false;']],
  ['says that it did what was done', ['q.next_retry_at, false', 'q.next_retry_at, true']],
  ['is silent of what was done', ['changed < cardinality(entries)', 'false']],
  [
    'tells of what was done where it did nothing',
    ['changed < cardinality(entries)', 'changed = 0'],
  ],
];

const FAIL: typeof CLAIM = [
  [
    'ignores lease_id',
    ['AND (fail_conversions.lease_id IS NULL OR q.lease_id = fail_conversions.lease_id)', ''],
  ],
  ['needs a lease_id', ['fail_conversions.lease_id IS NULL OR', '']],
  [
    'takes an upload back',
    ["q.status NOT IN ('uploaded', 'dead_letter')", "q.status <> 'dead_letter'"],
  ],
  [
    'revives dead letters',
    ["q.status NOT IN ('uploaded', 'dead_letter')", "q.status <> 'uploaded'"],
  ],
  ['counts no try', [`retry_count = ${ONE_ATTEMPT_MORE}`, 'retry_count = q.retry_count']],
  ['counts beyond max_retries', [ONE_ATTEMPT_MORE, 'q.retry_count + 1']],
  ['gives one try more', ['q.retry_count >= q.max_retries - 1', 'q.retry_count >= q.max_retries']],
  ['ignores permanent', ['WHEN permanent OR', 'WHEN']],
  ['ignores retry_at', ['coalesce(retry_at, ', 'coalesce(NULL, ']],
  ['doubles the wait', ['power(4,', 'power(2,']],
  ['waits without end', [", interval '6 hours')", ", interval '600 hours')"]],
  ['waits half as long at times', ['random() / 4', 'random() / 2']],
  [
    'releases what another has',
    ['CASE WHEN fail_conversions.lease_id IS NULL THEN q.leased_until END', 'NULL'],
  ],
  [
    'releases nothing',
    ['CASE WHEN fail_conversions.lease_id IS NULL THEN q.leased_until END', 'q.leased_until'],
  ],
  ['leaves the claim unanswered', ['lease_id = NULL', 'lease_id = q.lease_id']],
  [
    'drops the code of the error',
    ['error_code = fail_conversions.error_code', 'error_code = q.error_code'],
  ],
  ['denies what it did', ['q.next_retry_at, true;', 'q.next_retry_at, false;']],
  ['is silent of what it left', ['changed < cardinality(entries)', 'false']],
  ['tells of what it left where it did nothing', ['changed < cardinality(entries)', 'changed = 0']],
];

const CLAIM_REQUESTS: typeof CLAIM = [
  ['takes what is not due', ['AND r.next_check_at <= at', '']],
  ['takes the youngest first', ['ORDER BY r.next_check_at', '$& DESC']],
  ['ignores the limit', ['LIMIT wanted', '']],
  ['forgets the platform', ['r.platform = claim_upload_requests.platform', 'true']],
  ['counts no check', ['check_count = r.check_count + 1', 'check_count = r.check_count']],
  ['leases for half as long', ['clock_timestamp() + lease', 'clock_timestamp() + lease / 2']],
  ['gives no lease', ['lease_id = claim', 'lease_id = NULL']],
  [
    'checks for ever',
    ['AND r.next_check_at > r.accepted_at', 'AND false AND r.next_check_at > r.accepted_at'],
  ],
  ['gives up at the first lease that passed', ["interval '48 hours'", "interval '1 hour'"]],
];

const SETTLE: typeof CLAIM = [
  [
    'takes back what another request has uploaded',
    ['AND q.request_id = settle_upload_request.request_id', ''],
  ],
  ['keeps the time of the upload', ['uploaded_at = NULL', 'uploaded_at = q.uploaded_at']],
  [
    'counts no try',
    ['ELSE q.retry_count + (q.retry_count < q.max_retries)::integer END', 'ELSE q.retry_count END'],
  ],
  ['ignores permanent', ["r.outcome = 'permanent' OR", 'false OR']],
  ['ignores retry_later', ["WHEN r.outcome = 'retry_later' THEN", 'WHEN false THEN']],
  ['gives one try more', ['q.retry_count >= q.max_retries - 1', 'q.retry_count >= q.max_retries']],
  [
    'spares nothing that is in doubt',
    ["r.outcome = 'alone' AND q.send_alone IS NOT TRUE", 'false'],
  ],
  ['forgets to send alone', ["q.send_alone OR r.outcome = 'alone'", 'q.send_alone']],
  ['forgets who was sent alone', ["q.send_alone OR r.outcome = 'alone'", "r.outcome = 'alone'"]],
  ['rejects what the platform has', ["WHERE r.outcome <> 'complete'", 'WHERE true']],
  [
    'confirms what a failed request does not name',
    ['OR other.rejections = 0', '$& OR named IS NOT NULL'],
  ],
  ['takes an unknown place for all', ['OR coalesce(other.results, 1) = 1 AND', 'OR true OR']],
  [
    'counts indexes from one',
    ["(o.result ->> 'index')::integer + 1", "(o.result ->> 'index')::integer"],
  ],
  ['prefers the last of several results', [', e.place) n', ', e.place DESC) n']],
  [
    'prefers a retry',
    [
      "ARRAY['complete', 'permanent', 'retry_later', 'retry'], e.outcome)",
      "ARRAY['retry', 'retry_later', 'permanent', 'complete'], e.outcome)",
    ],
  ],
  ['settles again', ["applied := request.status IN ('processing', 'expired')", 'applied := true']],
  [
    'settles no expired request',
    [
      "applied := request.status IN ('processing', 'expired')",
      "applied := request.status = 'processing'",
    ],
  ],
  [
    'keeps checking',
    [
      '         next_check_at = NULL,\n         lease_id = NULL,\n         settled_at = at',
      '         next_check_at = NULL,\n         settled_at = at',
    ],
  ],
  [
    'ignores lease_id',
    ['request.lease_id IS NOT DISTINCT FROM settle_upload_request.lease_id', 'true'],
  ],
  ['never expires', ['at >= request.accepted_at', 'false AND at >= request.accepted_at']],
  ['checks beyond a day', ['least(at + least(', 'greatest(at + least(']],
  ['checks as often as at first', ['power(1.3, ', 'power(1.0, ']],
];

const REQUEUE: typeof CLAIM = [
  ['takes entries of any status', ["q.status = 'dead_letter'", 'true']],
  ['gives no tries back', ['retry_count = 0', 'retry_count = q.retry_count']],
  ['waits for locked entries', ['SKIP LOCKED', '']],
  ['orders by id', ['ORDER BY q.created_at, q.id', 'ORDER BY q.id']],
  ['takes the youngest first', ['ORDER BY q.created_at, q.id', 'ORDER BY q.created_at DESC, q.id']],
  ['ignores the platform', ['requeue_dead_letters.platform IS NULL OR', 'true OR']],
  ['ignores the ids', ['ids IS NULL OR', 'true OR']],
  ['ignores the code of the error', ['requeue_dead_letters.error_code IS NULL OR', 'true OR']],
  ['ignores the limit', ['LIMIT requeue_dead_letters."limit"', '']],
];

const RECORD: typeof CLAIM = [
  [
    'queues again',
    [
      'WHERE NOT EXISTS (\n       SELECT FROM public.conversion_queue q WHERE',
      'WHERE NOT EXISTS (\n       SELECT FROM public.conversion_queue q WHERE false AND',
    ],
  ],
  ['queues twice what is named twice', ['SELECT DISTINCT unnest', 'SELECT unnest']],
  ['forgets max_retries', ['p.platform, record_conversion.max_retries', 'p.platform, 5']],
  ['says that all are new', ['EXIT WHEN FOUND', 'is_new := true; EXIT WHEN FOUND']],
];

/** Faults that one worker at a time, and a look at what it has locked, bring to light. */
export const MUTANTS: readonly Mutant[] = [
  ...mutantsOf('claim_conversions', CLAIM),
  ...mutantsOf('complete_conversions', COMPLETE),
  ...mutantsOf('fail_conversions', FAIL),
  ...mutantsOf('claim_upload_requests', CLAIM_REQUESTS),
  ...mutantsOf('settle_upload_request', SETTLE),
  ...mutantsOf('requeue_dead_letters', REQUEUE),
  ...mutantsOf('record_conversion', RECORD),
];

/** Faults that only workers at once bring to light. */
export const MUTANTS_AT_ONCE: readonly Mutant[] = [
  ...mutantsOf('claim_conversions', [
    ['locks nothing that it finds', ['FOR NO KEY UPDATE SKIP LOCKED', '']],
  ]),
  ...mutantsOf('settle_upload_request', [
    ['does not lock the request', ['     FOR NO KEY UPDATE;', '     ;']],
  ]),
  ...mutantsOf('record_conversion', [
    [
      'does not wait for who adds a platform',
      [
        'UPDATE public.conversions c SET updated_at = c.updated_at',
        'PERFORM FROM public.conversions c',
      ],
    ],
  ]),
];

function mutantsOf(name: FunctionName, faults: typeof CLAIM): Mutant[] {
  return faults.map(([fault, ...replace]) => ({ fault, name, replace }));
}
