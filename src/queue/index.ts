export { InvalidArgumentError } from '../errors.ts';
export type {
  ClaimConversionsArguments,
  CompleteConversionsArguments,
  FailConversionsArguments,
  Interval,
  PurgeTrackingDataArguments,
  QueueHealthArguments,
  RecordConversionArguments,
  RequeueDeadLettersArguments,
  Timestamp,
  TrackingEventInput,
  UpsertVisitorArguments,
} from './arguments.ts';
export type { Queryable } from './call-function.ts';
export {
  GOOGLE_ADS_RETRY_LATER_MS,
  type GoogleAdsOutcome,
  googleAdsOutcome,
} from './google-ads-outcome.ts';
export { hashEmail } from './hash-email.ts';
export { hashIp } from './hash-ip.ts';
export type { PreparingQueryable } from './prepared-statements.ts';
export type {
  ClaimedConversion,
  PurgeResult,
  QueueHealth,
  RecordedConversion,
  RequeuedEntry,
  UpdatedEntry,
  UpsertedVisitor,
} from './results.ts';
export {
  type TrackingQueue,
  type TrackingQueueOptions,
  trackingQueue,
} from './tracking-queue.ts';
