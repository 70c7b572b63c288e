export { InvalidArgumentError } from '../errors.ts';
export type {
  ClaimConversionsArguments,
  ClaimUploadRequestsArguments,
  CompleteConversionsArguments,
  FailConversionsArguments,
  Interval,
  PurgeTrackingDataArguments,
  QueueHealthArguments,
  RecordConversionArguments,
  RequeueDeadLettersArguments,
  SettleUploadRequestArguments,
  Timestamp,
  TrackingEventInput,
  UploadRejection,
  UpsertVisitorArguments,
} from './arguments.ts';
export type { Queryable } from './call-function.ts';
export type { RequestValue } from './from-request.ts';
export {
  GOOGLE_ADS_RETRY_LATER_MS,
  type GoogleAdsFault,
  type GoogleAdsOutcome,
  googleAdsFault,
  googleAdsOutcome,
} from './google-ads-outcome.ts';
export { hashEmail } from './hash-email.ts';
export { hashIp } from './hash-ip.ts';
export type { PreparingQueryable } from './prepared-statements.ts';
export { readRequestStatus, type UploadRequestResult } from './request-status.ts';
export type {
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
export {
  type AcceptedEntries,
  type RejectedEntries,
  type RunUploadsOptions,
  runUploads,
  type UploadEvent,
} from './run-uploads.ts';
export {
  type TrackingQueue,
  type TrackingQueueOptions,
  trackingQueue,
} from './tracking-queue.ts';
