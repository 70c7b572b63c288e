import type { MigrationBuilder } from 'node-pg-migrate';

/** What a migration's module exports. */
export interface MigrationModule {
  readonly up: (pgm: MigrationBuilder) => void | Promise<void>;
  readonly down: (pgm: MigrationBuilder) => void | Promise<void>;
}

/** One migration of the package. */
export interface Migration {
  /** As the ledger records it: the file's name without its extension. */
  readonly name: string;
  /** Tables that it creates, and that its `down` drops. */
  readonly creates: readonly string[];
  readonly load: () => Promise<MigrationModule>;
}

/**
 * Every migration, in order. The specifiers are literals, so that bundlers take the modules along;
 * they are loaded only when there is something to run.
 */
export const migrations: readonly Migration[] = [
  {
    name: '20261122110000000_require-leads',
    creates: ['leads'],
    load: () => import('../migrations/20261122110000000_require-leads.ts'),
  },
  {
    name: '20261122110100000_create-visitors',
    creates: ['visitors'],
    load: () => import('../migrations/20261122110100000_create-visitors.ts'),
  },
  {
    name: '20261122110200000_create-conversions',
    creates: ['conversions'],
    load: () => import('../migrations/20261122110200000_create-conversions.ts'),
  },
  {
    name: '20261122110300000_create-conversion-queue',
    creates: ['conversion_queue'],
    load: () => import('../migrations/20261122110300000_create-conversion-queue.ts'),
  },
  {
    name: '20261122110400000_create-tracking-events',
    creates: ['tracking_events'],
    load: () => import('../migrations/20261122110400000_create-tracking-events.ts'),
  },
  {
    name: '20261122110500000_add-checks',
    creates: [],
    load: () => import('../migrations/20261122110500000_add-checks.ts'),
  },
  {
    name: '20261122110600000_add-updated-at-triggers',
    creates: [],
    load: () => import('../migrations/20261122110600000_add-updated-at-triggers.ts'),
  },
  {
    name: '20261122110700000_declare-release',
    creates: [],
    load: () => import('../migrations/20261122110700000_declare-release.ts'),
  },
  {
    name: '20261122180000000_add-google-columns',
    creates: [],
    load: () => import('../migrations/20261122180000000_add-google-columns.ts'),
  },
  {
    name: '20261122180100000_add-leases',
    creates: [],
    load: () => import('../migrations/20261122180100000_add-leases.ts'),
  },
  {
    name: '20261122180200000_create-record-conversion',
    creates: [],
    load: () => import('../migrations/20261122180200000_create-record-conversion.ts'),
  },
  {
    name: '20261122180300000_create-claim-conversions',
    creates: [],
    load: () => import('../migrations/20261122180300000_create-claim-conversions.ts'),
  },
  {
    name: '20261122180400000_create-queue-answers',
    creates: [],
    load: () => import('../migrations/20261122180400000_create-queue-answers.ts'),
  },
  {
    name: '20261122180500000_create-queue-health',
    creates: [],
    load: () => import('../migrations/20261122180500000_create-queue-health.ts'),
  },
  {
    name: '20261122180600000_create-visitor-functions',
    creates: [],
    load: () => import('../migrations/20261122180600000_create-visitor-functions.ts'),
  },
  {
    name: '20261122180700000_create-purge-tracking-data',
    creates: [],
    load: () => import('../migrations/20261122180700000_create-purge-tracking-data.ts'),
  },
  {
    name: '20261122180800000_declare-release-0-2',
    creates: [],
    load: () => import('../migrations/20261122180800000_declare-release-0-2.ts'),
  },
  {
    name: '20261127120000000_spare-the-updated-at-trigger',
    creates: [],
    load: () => import('../migrations/20261127120000000_spare-the-updated-at-trigger.ts'),
  },
  {
    name: '20261127120100000_replace-claim-conversions',
    creates: [],
    load: () => import('../migrations/20261127120100000_replace-claim-conversions.ts'),
  },
  {
    name: '20261127120200000_replace-queue-answers',
    creates: [],
    load: () => import('../migrations/20261127120200000_replace-queue-answers.ts'),
  },
  {
    name: '20261127120300000_declare-release-0-4',
    creates: [],
    load: () => import('../migrations/20261127120300000_declare-release-0-4.ts'),
  },
];

/** How many of them, from the first on, make up the contract: the tables, and nothing added. */
export const CONTRACT_MIGRATIONS = 5;

/** The tables of the contract, which the package always creates itself. */
export const CONTRACT_TABLES: readonly string[] = migrations
  .slice(1, CONTRACT_MIGRATIONS)
  .flatMap(({ creates }) => creates);
