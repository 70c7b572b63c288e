import { describe, expectTypeOf, test } from 'vitest';
import type {
  ClaimConversionsArguments,
  ClaimedConversion,
  ClaimedUploadRequest,
  ClaimUploadRequestsArguments,
  CompleteConversionsArguments,
  FailConversionsArguments,
  PurgeResult,
  PurgeTrackingDataArguments,
  QueueHealth,
  QueueHealthArguments,
  RecordConversionArguments,
  RecordedConversion,
  RequeueDeadLettersArguments,
  RequeuedEntry,
  SettledUploadRequest,
  SettleUploadRequestArguments,
  TrackingEventInput,
  UpdatedEntry,
  UploadRejection,
  UpsertedVisitor,
  UpsertVisitorArguments,
} from '../../src/queue/index.ts';
import type { Database, Json, Tables, TablesInsert, TablesUpdate } from '../../src/supabase.ts';
import type {
  Conversion,
  ConversionQueueEntry,
  ConversionQueueEntryUpdate,
  ConversionUpdate,
  Lead,
  NewConversion,
  NewConversionQueueEntry,
  NewLead,
  NewTrackingEvent,
  NewUploadRequest,
  NewVisitor,
  TrackingEvent,
  UploadRequest,
  Visitor,
  VisitorUpdate,
} from '../../src/types/rows.ts';

// The compiler is what judges here: `npm run check`.

/** What a type of pg's is in JSON. */
type AsJson<Type> = {
  -readonly [Key in keyof Type]: Key extends 'conversion_value'
    ? OfValue<Type[Key]>
    : JsonOf<Type[Key]>;
};

type JsonOf<Value> = Value extends undefined
  ? never
  : object extends Value
    ? never // a RequestValue: JSON has the text
    : Value extends Date
      ? string
      : Value extends readonly (infer Item)[]
        ? Item[]
        : Value extends Readonly<Record<string, unknown>>
          ? { [key: string]: Json | undefined }
          : Value;

/** A numeric, which is a string for pg alone. */
type OfValue<Value> = Exclude<Value, string | undefined> | number;

type Functions = Database['public']['Functions'];

describe('the Database of supabase-js', () => {
  test('has the rows of pg, as JSON', () => {
    expectTypeOf<Tables<'visitors'>>().toEqualTypeOf<AsJson<Visitor>>();
    expectTypeOf<Tables<'conversions'>>().toEqualTypeOf<AsJson<Conversion>>();
    expectTypeOf<Tables<'conversion_queue'>>().toEqualTypeOf<AsJson<ConversionQueueEntry>>();
    expectTypeOf<Tables<'tracking_events'>>().toEqualTypeOf<AsJson<TrackingEvent>>();
    expectTypeOf<Tables<'upload_requests'>>().toEqualTypeOf<AsJson<UploadRequest>>();
    expectTypeOf<Tables<'leads'>>().toEqualTypeOf<AsJson<Lead>>();
    expectTypeOf<TablesInsert<'visitors'>>().toEqualTypeOf<AsJson<NewVisitor>>();
    expectTypeOf<TablesInsert<'conversions'>>().toEqualTypeOf<AsJson<NewConversion>>();
    expectTypeOf<TablesInsert<'conversion_queue'>>().toEqualTypeOf<
      AsJson<NewConversionQueueEntry>
    >();
    expectTypeOf<TablesInsert<'tracking_events'>>().toEqualTypeOf<AsJson<NewTrackingEvent>>();
    expectTypeOf<TablesInsert<'upload_requests'>>().toEqualTypeOf<AsJson<NewUploadRequest>>();
    expectTypeOf<TablesInsert<'leads'>>().toEqualTypeOf<AsJson<NewLead>>();
    expectTypeOf<TablesUpdate<'visitors'>>().toEqualTypeOf<AsJson<VisitorUpdate>>();
    expectTypeOf<TablesUpdate<'conversions'>>().toEqualTypeOf<AsJson<ConversionUpdate>>();
    expectTypeOf<TablesUpdate<'conversion_queue'>>().toEqualTypeOf<
      AsJson<ConversionQueueEntryUpdate>
    >();
  });

  test('has functions that give what those of the queue give, as JSON', () => {
    type Returns<Name extends keyof Functions> = Functions[Name]['Returns'];
    expectTypeOf<Returns<'record_conversion'>>().toEqualTypeOf<AsJson<RecordedConversion>>();
    expectTypeOf<Returns<'claim_conversions'>>().toEqualTypeOf<AsJson<ClaimedConversion>[]>();
    expectTypeOf<Returns<'complete_conversions'>>().toEqualTypeOf<AsJson<UpdatedEntry>[]>();
    expectTypeOf<Returns<'fail_conversions'>>().toEqualTypeOf<AsJson<UpdatedEntry>[]>();
    expectTypeOf<Returns<'requeue_dead_letters'>>().toEqualTypeOf<AsJson<RequeuedEntry>[]>();
    expectTypeOf<Returns<'claim_upload_requests'>>().toEqualTypeOf<
      AsJson<ClaimedUploadRequest>[]
    >();
    expectTypeOf<Returns<'settle_upload_request'>>().toEqualTypeOf<AsJson<SettledUploadRequest>>();
    expectTypeOf<Returns<'conversion_queue_health'>>().toEqualTypeOf<AsJson<QueueHealth>[]>();
    expectTypeOf<Returns<'upsert_visitor'>>().toEqualTypeOf<AsJson<UpsertedVisitor>>();
    expectTypeOf<Returns<'record_events'>>().toEqualTypeOf<number>();
    expectTypeOf<Returns<'purge_tracking_data'>>().toEqualTypeOf<AsJson<PurgeResult>[]>();
  });

  test('has functions that take what those of the queue take, as JSON', () => {
    type Args<Name extends keyof Functions> = Functions[Name]['Args'];
    expectTypeOf<Args<'record_conversion'>>().toEqualTypeOf<AsJson<RecordConversionArguments>>();
    expectTypeOf<Args<'claim_conversions'>>().toEqualTypeOf<AsJson<ClaimConversionsArguments>>();
    expectTypeOf<Args<'complete_conversions'>>().toEqualTypeOf<
      AsJson<CompleteConversionsArguments>
    >();
    expectTypeOf<Args<'fail_conversions'>>().toEqualTypeOf<AsJson<FailConversionsArguments>>();
    expectTypeOf<Args<'requeue_dead_letters'>>().toEqualTypeOf<
      AsJson<RequeueDeadLettersArguments>
    >();
    expectTypeOf<Args<'claim_upload_requests'>>().toEqualTypeOf<
      AsJson<ClaimUploadRequestsArguments>
    >();
    type Settle = Args<'settle_upload_request'>;
    expectTypeOf<Omit<Settle, 'rejected'>>().toEqualTypeOf<
      Omit<AsJson<SettleUploadRequestArguments>, 'rejected'>
    >();
    expectTypeOf<Settle['rejected']>().toEqualTypeOf<AsJson<UploadRejection>[] | undefined>();
    expectTypeOf<Args<'conversion_queue_health'>>().toEqualTypeOf<AsJson<QueueHealthArguments>>();
    expectTypeOf<Args<'upsert_visitor'>>().toEqualTypeOf<AsJson<UpsertVisitorArguments>>();
    expectTypeOf<Args<'record_events'>>().toEqualTypeOf<{ events: AsJson<TrackingEventInput>[] }>();
    expectTypeOf<Args<'purge_tracking_data'>>().toEqualTypeOf<AsJson<PurgeTrackingDataArguments>>();
  });
});
