import type { MigrationBuilder } from 'node-pg-migrate';
import * as requireLeads from '../../migrations/20261128100000000_require-leads.ts';
import * as createVisitors from '../../migrations/20261128100100000_create-visitors.ts';
import * as createConversions from '../../migrations/20261128100200000_create-conversions.ts';
import * as createConversionQueue from '../../migrations/20261128100300000_create-conversion-queue.ts';
import * as createTrackingEvents from '../../migrations/20261128100400000_create-tracking-events.ts';
import * as extendTables from '../../migrations/20261128100500000_extend-tables.ts';
import * as createUploadRequests from '../../migrations/20261128100600000_create-upload-requests.ts';
import * as createUpdatedAtTriggers from '../../migrations/20261128100700000_create-updated-at-triggers.ts';
import * as createRecordConversion from '../../migrations/20261128100800000_create-record-conversion.ts';
import * as createQueueFunctions from '../../migrations/20261128100900000_create-queue-functions.ts';
import * as createUploadRequestFunctions from '../../migrations/20261128101000000_create-upload-request-functions.ts';
import * as createQueueHealth from '../../migrations/20261128101100000_create-queue-health.ts';
import * as createVisitorFunctions from '../../migrations/20261128101200000_create-visitor-functions.ts';
import * as createPurgeTrackingData from '../../migrations/20261128101300000_create-purge-tracking-data.ts';
import type { Declaration } from '../../migrations/shared/declaration.ts';
import type { Migration } from './migrations.ts';

/** What a migration's module exports. */
export interface MigrationModule {
  readonly up: (pgm: MigrationBuilder) => void | Promise<void>;
  readonly down: (pgm: MigrationBuilder) => void | Promise<void>;
  /** Of the last migration of a release. */
  readonly DECLARATION?: Declaration;
}

/** By name. Whatever imports this loads all of them: only where there is something to run. */
const MODULES: Readonly<Record<string, MigrationModule>> = {
  '20261128100000000_require-leads': requireLeads,
  '20261128100100000_create-visitors': createVisitors,
  '20261128100200000_create-conversions': createConversions,
  '20261128100300000_create-conversion-queue': createConversionQueue,
  '20261128100400000_create-tracking-events': createTrackingEvents,
  '20261128100500000_extend-tables': extendTables,
  '20261128100600000_create-upload-requests': createUploadRequests,
  '20261128100700000_create-updated-at-triggers': createUpdatedAtTriggers,
  '20261128100800000_create-record-conversion': createRecordConversion,
  '20261128100900000_create-queue-functions': createQueueFunctions,
  '20261128101000000_create-upload-request-functions': createUploadRequestFunctions,
  '20261128101100000_create-queue-health': createQueueHealth,
  '20261128101200000_create-visitor-functions': createVisitorFunctions,
  '20261128101300000_create-purge-tracking-data': createPurgeTrackingData,
};

/** What a migration does. */
export function moduleOf({ name }: Migration): MigrationModule {
  const module = MODULES[name];
  if (module === undefined) throw new Error(`The migration ${name} has no module.`);
  return module;
}
