import { InvalidArgumentError } from '../errors.ts';
import { checkName } from '../names.ts';
import type {
  ClaimConversionsArguments,
  CompleteConversionsArguments,
  FailConversionsArguments,
  PurgeTrackingDataArguments,
  QueueHealthArguments,
  RecordConversionArguments,
  RecordedEvent,
  RequeueDeadLettersArguments,
  UpsertVisitorArguments,
} from './arguments.ts';
import { call, type Queryable, type Site } from './call.ts';
import { type PreparingQueryable, preparing } from './prepared.ts';
import type {
  AnsweredEntry,
  ClaimedConversion,
  Purged,
  QueueHealth,
  RecordedConversion,
  RequeuedEntry,
  UpsertedVisitor,
} from './rows.ts';

/** Where the functions are. */
export interface TrackingQueueOptions {
  /** The schema of the tables. Default: where the connection's search_path finds them. */
  readonly schema?: string | undefined;
}

/** The same for a pool or a client of pg, which know statements by name. */
export interface PreparingQueueOptions extends TrackingQueueOptions {
  /**
   * Whether each connection keeps the statements of the calls by their names, so that the server
   * parses and plans them once. Not through a transaction pooler that does not know them: PgBouncer
   * does from 1.21 on, with `max_prepared_statements`. Nor where something runs DISCARD ALL or
   * DEALLOCATE on the connections. Default: false.
   */
  readonly preparedStatements?: boolean | undefined;
}

/**
 * The SQL functions of the schema, by name. Arguments and rows are named as in SQL, so that what is
 * said of a function holds here, too.
 */
export interface TrackingQueue {
  /** The conversion and an entry for each platform, once for its idempotency key. */
  recordConversion(conversion: RecordConversionArguments): Promise<RecordedConversion>;
  /** Entries that are due, the oldest first; nobody else gets them before the lease has passed. */
  claimConversions(which?: ClaimConversionsArguments): Promise<readonly ClaimedConversion[]>;
  /** The platform has them, once and for all. */
  completeConversions(answer: CompleteConversionsArguments): Promise<readonly AnsweredEntry[]>;
  /** To be tried again, or given up where that was the last try. */
  failConversions(answer: FailConversionsArguments): Promise<readonly AnsweredEntry[]>;
  /** Dead letters get all their tries again. */
  requeueDeadLetters(which?: RequeueDeadLettersArguments): Promise<readonly RequeuedEntry[]>;
  /** Four rows for each platform, one for each status. */
  conversionQueueHealth(which?: QueueHealthArguments): Promise<readonly QueueHealth[]>;
  /** Remembers a visit. */
  upsertVisitor(visit: UpsertVisitorArguments): Promise<UpsertedVisitor>;
  /** Records all of them or none, and says how many. */
  recordEvents(events: readonly RecordedEvent[]): Promise<number>;
  /** Deletes old events and visitors, a batch a call: repeat it until `done`. */
  purgeTrackingData(what: PurgeTrackingDataArguments): Promise<Purged>;
}

/**
 * The functions of the schema, for a client of the owner's or of service_role's. It keeps nothing of
 * a call: each is one statement.
 *
 * @param db - a pool or a client of pg, or anything else with `query(text, values)`
 * @throws {TrackingSchemaError} Each method throws one for what it refuses: `INVALID_OPTION` for an
 * argument that it does not have, `INVALID_ARGUMENT`, `LEAD_NOT_FOUND`, `PERMISSION_DENIED`,
 * `READ_ONLY` on a standby, or `FUNCTION_MISSING` where the migrations have not run. Nothing is
 * changed then. Whatever else the client throws passes unchanged.
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
  const { schema, preparedStatements = false } = options;
  const site: Site = {
    db: preparedStatements ? preparing(db as PreparingQueryable) : db,
    schema: schema === undefined ? undefined : checkName('schema', schema),
  };
  return {
    recordConversion: async (conversion) =>
      only(await call<RecordedConversion>(site, 'record_conversion', conversion)),
    claimConversions: (which = {}) => call(site, 'claim_conversions', which),
    completeConversions: (answer) => call(site, 'complete_conversions', answer),
    failConversions: async (answer) => {
      if (typeof answer.lease_id !== 'string') {
        throw new InvalidArgumentError('fail_conversions: lease_id is missing.', {
          hint: 'Pass that of the claimed entries.',
        });
      }
      return call(site, 'fail_conversions', answer);
    },
    requeueDeadLetters: (which = {}) => call(site, 'requeue_dead_letters', which),
    conversionQueueHealth: async (which = {}) => {
      const rows = await call<QueueHealth>(site, 'conversion_queue_health', which);
      return rows.map((row) => ({
        ...row,
        entries: Number(row.entries),
        leased: Number(row.leased),
        overdue: Number(row.overdue),
      }));
    },
    upsertVisitor: async (visit) =>
      only(await call<UpsertedVisitor>(site, 'upsert_visitor', visit)),
    recordEvents: async (events) => {
      const args = { events: JSON.stringify(events) };
      const row = only(await call<{ record_events: number }>(site, 'record_events', args));
      return row.record_events;
    },
    purgeTrackingData: async (what) => only(await call<Purged>(site, 'purge_tracking_data', what)),
  };
}

/** These functions return one row whenever they return. */
function only<Row>([row]: readonly Row[]): Row {
  return row as Row;
}
