export { InvalidArgumentError } from './errors.ts';
export type {
  ClaimConversionsArguments,
  CompleteConversionsArguments,
  FailConversionsArguments,
  Interval,
  PurgeTrackingDataArguments,
  QueueHealthArguments,
  RecordConversionArguments,
  RecordedEvent,
  RequeueDeadLettersArguments,
  Time,
  UpsertVisitorArguments,
} from './queue/arguments.ts';
export type { Queryable } from './queue/call.ts';
export {
  GOOGLE_ADS_RETRY_LATER_MS,
  type GoogleAdsOutcome,
  googleAdsOutcome,
} from './queue/google-ads.ts';
export { hashEmail, hashIp } from './queue/hashing.ts';
export type { PreparingQueryable } from './queue/prepared.ts';
export type {
  AnsweredEntry,
  ClaimedConversion,
  Purged,
  QueueHealth,
  RecordedConversion,
  RequeuedEntry,
  UpsertedVisitor,
} from './queue/rows.ts';
export {
  type TrackingQueue,
  type TrackingQueueOptions,
  trackingQueue,
} from './queue/tracking-queue.ts';
