import type { MigrationBuilder } from 'node-pg-migrate';
import * as requireLeads from '../../migrations/20261122110000000_require-leads.ts';
import * as createVisitors from '../../migrations/20261122110100000_create-visitors.ts';
import * as createConversions from '../../migrations/20261122110200000_create-conversions.ts';
import * as createConversionQueue from '../../migrations/20261122110300000_create-conversion-queue.ts';
import * as createTrackingEvents from '../../migrations/20261122110400000_create-tracking-events.ts';
import * as addChecks from '../../migrations/20261122110500000_add-checks.ts';
import * as addUpdatedAtTriggers from '../../migrations/20261122110600000_add-updated-at-triggers.ts';
import * as declareRelease from '../../migrations/20261122110700000_declare-release.ts';
import * as addGoogleColumns from '../../migrations/20261122180000000_add-google-columns.ts';
import * as addLeases from '../../migrations/20261122180100000_add-leases.ts';
import * as createRecordConversion from '../../migrations/20261122180200000_create-record-conversion.ts';
import * as createClaimConversions from '../../migrations/20261122180300000_create-claim-conversions.ts';
import * as createQueueAnswers from '../../migrations/20261122180400000_create-queue-answers.ts';
import * as createQueueHealth from '../../migrations/20261122180500000_create-queue-health.ts';
import * as createVisitorFunctions from '../../migrations/20261122180600000_create-visitor-functions.ts';
import * as createPurgeTrackingData from '../../migrations/20261122180700000_create-purge-tracking-data.ts';
import * as declareRelease02 from '../../migrations/20261122180800000_declare-release-0-2.ts';
import * as spareTheUpdatedAtTrigger from '../../migrations/20261127120000000_spare-the-updated-at-trigger.ts';
import * as replaceClaimConversions from '../../migrations/20261127120100000_replace-claim-conversions.ts';
import * as replaceQueueAnswers from '../../migrations/20261127120200000_replace-queue-answers.ts';
import * as declareRelease04 from '../../migrations/20261127120300000_declare-release-0-4.ts';
import type { Migration } from './migrations.ts';

/** What a migration's module exports. */
export interface MigrationModule {
  readonly up: (pgm: MigrationBuilder) => void | Promise<void>;
  readonly down: (pgm: MigrationBuilder) => void | Promise<void>;
}

/** By name. Whatever imports this loads all of them: only where there is something to run. */
const MODULES: Readonly<Record<string, MigrationModule>> = {
  '20261122110000000_require-leads': requireLeads,
  '20261122110100000_create-visitors': createVisitors,
  '20261122110200000_create-conversions': createConversions,
  '20261122110300000_create-conversion-queue': createConversionQueue,
  '20261122110400000_create-tracking-events': createTrackingEvents,
  '20261122110500000_add-checks': addChecks,
  '20261122110600000_add-updated-at-triggers': addUpdatedAtTriggers,
  '20261122110700000_declare-release': declareRelease,
  '20261122180000000_add-google-columns': addGoogleColumns,
  '20261122180100000_add-leases': addLeases,
  '20261122180200000_create-record-conversion': createRecordConversion,
  '20261122180300000_create-claim-conversions': createClaimConversions,
  '20261122180400000_create-queue-answers': createQueueAnswers,
  '20261122180500000_create-queue-health': createQueueHealth,
  '20261122180600000_create-visitor-functions': createVisitorFunctions,
  '20261122180700000_create-purge-tracking-data': createPurgeTrackingData,
  '20261122180800000_declare-release-0-2': declareRelease02,
  '20261127120000000_spare-the-updated-at-trigger': spareTheUpdatedAtTrigger,
  '20261127120100000_replace-claim-conversions': replaceClaimConversions,
  '20261127120200000_replace-queue-answers': replaceQueueAnswers,
  '20261127120300000_declare-release-0-4': declareRelease04,
};

/** What a migration does. */
export function moduleOf({ name }: Migration): MigrationModule {
  const module = MODULES[name];
  if (module === undefined) throw new Error(`The migration ${name} has no module.`);
  return module;
}
