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
];

/** How many of them, from the first on, make up the contract: the tables, and nothing added. */
export const CONTRACT_MIGRATIONS = 5;

/** The tables of the contract, which the package always creates itself. */
export const CONTRACT_TABLES: readonly string[] = migrations
  .slice(1, CONTRACT_MIGRATIONS)
  .flatMap(({ creates }) => creates);
