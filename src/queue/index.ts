export { InvalidArgumentError } from '../errors.ts';
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
} from './arguments.ts';
export type { Queryable } from './call.ts';
export {
  GOOGLE_ADS_RETRY_LATER_MS,
  type GoogleAdsOutcome,
  googleAdsOutcome,
} from './google-ads.ts';
export { hashEmail, hashIp } from './hashing.ts';
export type { PreparingQueryable } from './prepared.ts';
export type {
  AnsweredEntry,
  ClaimedConversion,
  Purged,
  QueueHealth,
  RecordedConversion,
  RequeuedEntry,
  UpsertedVisitor,
} from './rows.ts';
export {
  type TrackingQueue,
  type TrackingQueueOptions,
  trackingQueue,
} from './tracking-queue.ts';
