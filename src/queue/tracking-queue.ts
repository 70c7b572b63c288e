import { InvalidArgumentError, InvalidOptionError } from '../errors.ts';
import { checkName } from '../names.ts';
import type {
  ClaimConversionsArguments,
  ClaimUploadRequestsArguments,
  CompleteConversionsArguments,
  FailConversionsArguments,
  PurgeTrackingDataArguments,
  QueueHealthArguments,
  RecordConversionArguments,
  RequeueDeadLettersArguments,
  SettleUploadRequestArguments,
  TrackingEventInput,
  UpsertVisitorArguments,
} from './arguments.ts';
import {
  type CallTarget,
  callFunction,
  completeAndClaim,
  type Queryable,
} from './call-function.ts';
import { fromRequest } from './from-request.ts';
import {
  isPool,
  type PreparingQueryable,
  preparedStatements as prepared,
} from './prepared-statements.ts';
import type {
  ClaimedConversion,
  ClaimedUploadRequest,
  PurgeResult,
  QueueHealth,
  RecordedConversion,
  RequeuedEntry,
  SettledUploadRequest,
  UpdatedEntry,
  UpsertedVisitor,
} from './results.ts';

/** Options of {@link trackingQueue}. */
export interface TrackingQueueOptions {
  /** The schema of the tables. Default: found through the connection's search_path. */
  readonly schema?: string | undefined;
}

/** Options for a pool or client of pg, which support named prepared statements. */
export interface PreparingQueueOptions extends TrackingQueueOptions {
  /**
   * Whether calls are sent as named prepared statements, which each connection parses and plans once.
   * Default: `true` for a pool of pg, otherwise `false`. A pool whose connections do not keep them, such
   * as one behind PgBouncer without `max_prepared_statements`, sends calls without names after the first
   * refusal. On a client set it only if nothing runs DISCARD ALL or DEALLOCATE there.
   */
  readonly preparedStatements?: boolean | undefined;
}

/** The SQL functions of the schema. Arguments and results are named as in SQL. */
export interface TrackingQueue {
  /** Records a conversion and queues it for each platform, exactly once per idempotency key. */
  recordConversion(conversion: RecordConversionArguments): Promise<RecordedConversion>;
  /** Leases due entries, oldest first. No other claim returns them until the lease expires. */
  claimConversions(which?: ClaimConversionsArguments): Promise<readonly ClaimedConversion[]>;
  /** Marks entries as uploaded, and records their request. Accepted even after the lease has expired. */
  completeConversions(entries: CompleteConversionsArguments): Promise<readonly UpdatedEntry[]>;
  /**
   * Marks entries as uploaded and leases the next due ones in one statement: both take effect or neither.
   * For a worker that uploads one entry at a time.
   */
  completeAndClaim(
    entries: CompleteConversionsArguments,
    which?: ClaimConversionsArguments,
  ): Promise<readonly ClaimedConversion[]>;
  /** Schedules a retry with backoff, or makes an entry a dead letter after its last attempt. */
  failConversions(entries: FailConversionsArguments): Promise<readonly UpdatedEntry[]>;
  /** Leases upload requests whose result is due to be checked. */
  claimUploadRequests(
    which?: ClaimUploadRequestsArguments,
  ): Promise<readonly ClaimedUploadRequest[]>;
  /** Records the result of an upload request: rejected entries are retried or become dead letters. */
  settleUploadRequest(result: SettleUploadRequestArguments): Promise<SettledUploadRequest>;
  /** Requeues dead letters with all their retries. */
  requeueDeadLetters(which?: RequeueDeadLettersArguments): Promise<readonly RequeuedEntry[]>;
  /** Returns four rows for each platform, one for each status. */
  conversionQueueHealth(which?: QueueHealthArguments): Promise<readonly QueueHealth[]>;
  /**
   * Inserts or updates a visitor. Takes values of a request as they are: of a repeated parameter the
   * first, no objects, no click id of more than 512 characters.
   */
  upsertVisitor(visit: UpsertVisitorArguments): Promise<UpsertedVisitor>;
  /** Records all events or none, and returns their number. */
  recordEvents(events: readonly TrackingEventInput[]): Promise<number>;
  /** Deletes a batch of old events, visitors and upload requests. Repeat it until `done`. */
  purgeTrackingData(what: PurgeTrackingDataArguments): Promise<PurgeResult>;
}

/**
 * Returns the functions of the schema as methods. The client must connect as the owner of the tables
 * or as service_role. Each call is one statement; nothing is kept between calls.
 *
 * @param db - a pool or client of pg, or any other object with `query(text, values)`; docs/orms.md has
 * adapters for transactions of Drizzle, Kysely, Knex and postgres.js
 * @throws {TrackingSchemaError} Each method throws `INVALID_OPTION` for an unknown argument,
 * `INVALID_ARGUMENT`, `LEAD_NOT_FOUND`, `PERMISSION_DENIED`, `TRIGGER_FAILED`, `READ_ONLY` on a standby, or
 * `FUNCTION_NOT_FOUND` before the migrations have run. Nothing is changed then. Without a connection it
 * throws `CONNECTION_FAILED`, `AUTHENTICATION_FAILED` or `DATABASE_NOT_FOUND`; after `CONNECTION_LOST` it
 * is unknown whether the call took effect. It did take effect with `DATE_STYLE`. Other errors of the client are rethrown unchanged.
 * @example
 * const queue = trackingQueue(pool);
 * await queue.recordConversion({ lead_id, conversion_type: 'closed', crm_deal_id: 'D-1' });
 */
export function trackingQueue(
  db: PreparingQueryable,
  options?: PreparingQueueOptions,
): TrackingQueue;
export function trackingQueue(db: Queryable, options?: TrackingQueueOptions): TrackingQueue;
export function trackingQueue(db: Queryable, options: PreparingQueueOptions = {}): TrackingQueue {
  const { schema } = options;
  if (typeof db?.query !== 'function') {
    throw new InvalidOptionError(
      'db',
      'db has no method query(text, values).',
      'Pass a pool or client of pg; transactions of Drizzle, Kysely, Knex and postgres.js need an adapter, see docs/orms.md.',
    );
  }
  const { preparedStatements = isPool(db) } = options;
  const target: CallTarget = {
    db: preparedStatements ? prepared(db as PreparingQueryable) : db,
    schema: schema === undefined ? undefined : checkName('schema', schema),
  };
  return {
    recordConversion: async (conversion) =>
      single(await callFunction<RecordedConversion>(target, 'record_conversion', conversion)),
    claimConversions: (which = {}) => callFunction(target, 'claim_conversions', which),
    completeConversions: (entries) => callFunction(target, 'complete_conversions', entries),
    completeAndClaim: (entries, which = {}) => completeAndClaim(target, entries, which),
    failConversions: async (entries) => {
      if (typeof entries?.lease_id !== 'string') {
        throw new InvalidArgumentError('fail_conversions: lease_id is missing.', {
          hint: 'Pass the lease_id of the claimed entries.',
        });
      }
      return callFunction(target, 'fail_conversions', entries);
    },
    claimUploadRequests: (which = {}) => callFunction(target, 'claim_upload_requests', which),
    settleUploadRequest: async (result) =>
      single(await callFunction<SettledUploadRequest>(target, 'settle_upload_request', result)),
    requeueDeadLetters: (which = {}) => callFunction(target, 'requeue_dead_letters', which),
    conversionQueueHealth: async (which = {}) => {
      const rows = await callFunction<QueueHealth>(target, 'conversion_queue_health', which);
      return rows.map((row) => ({
        ...row,
        entries: Number(row.entries),
        leased: Number(row.leased),
        overdue: Number(row.overdue),
        unconfirmed: Number(row.unconfirmed),
        expired_requests: Number(row.expired_requests),
      }));
    },
    upsertVisitor: async (visit) =>
      single(await callFunction<UpsertedVisitor>(target, 'upsert_visitor', fromRequest(visit))),
    recordEvents: async (events) => {
      const row = single(
        await callFunction<{ record_events: number }>(target, 'record_events', { events }),
      );
      return row.record_events;
    },
    purgeTrackingData: async (what) =>
      single(await callFunction<PurgeResult>(target, 'purge_tracking_data', what)),
  };
}

/** For functions that always return one row. */
function single<Row>([row]: readonly Row[]): Row {
  return row as Row;
}
