// Generated: npm run generate.

/** By migration and direction: tables, and the locks on them as LOCK TABLE names them. */
export type MigrationLocks = Readonly<
  Record<string, Readonly<Record<'up' | 'down', Readonly<Record<string, string>>>>>
>;

/**
 * The strongest lock that a migration holds in the end on each table that was there before it, as
 * measured on a server, with a leads table of the application's and with the placeholder. Locks that a plain
 * write would take are left out.
 */
export const MIGRATION_LOCKS: MigrationLocks = {
  '20261122110000000_require-leads': {
    up: {},
    down: {
      leads: 'ACCESS EXCLUSIVE',
    },
  },
  '20261122110100000_create-visitors': {
    up: {},
    down: {
      visitors: 'ACCESS EXCLUSIVE',
    },
  },
  '20261122110200000_create-conversions': {
    up: {
      leads: 'SHARE ROW EXCLUSIVE',
    },
    down: {
      conversions: 'ACCESS EXCLUSIVE',
      leads: 'ACCESS EXCLUSIVE',
    },
  },
  '20261122110300000_create-conversion-queue': {
    up: {
      conversions: 'SHARE ROW EXCLUSIVE',
    },
    down: {
      conversion_queue: 'ACCESS EXCLUSIVE',
      conversions: 'ACCESS EXCLUSIVE',
    },
  },
  '20261122110400000_create-tracking-events': {
    up: {
      visitors: 'SHARE ROW EXCLUSIVE',
    },
    down: {
      tracking_events: 'ACCESS EXCLUSIVE',
      visitors: 'ACCESS EXCLUSIVE',
    },
  },
  '20261122110500000_add-checks': {
    up: {
      conversion_queue: 'ACCESS EXCLUSIVE',
      conversions: 'ACCESS EXCLUSIVE',
      tracking_events: 'ACCESS EXCLUSIVE',
      visitors: 'ACCESS EXCLUSIVE',
    },
    down: {
      conversion_queue: 'ACCESS EXCLUSIVE',
      conversions: 'ACCESS EXCLUSIVE',
      tracking_events: 'ACCESS EXCLUSIVE',
      visitors: 'ACCESS EXCLUSIVE',
    },
  },
  '20261122110600000_add-updated-at-triggers': {
    up: {
      conversion_queue: 'SHARE ROW EXCLUSIVE',
      conversions: 'SHARE ROW EXCLUSIVE',
    },
    down: {
      conversion_queue: 'ACCESS EXCLUSIVE',
      conversions: 'ACCESS EXCLUSIVE',
    },
  },
  '20261122110700000_declare-release': {
    up: {},
    down: {},
  },
  '20261122180000000_add-google-columns': {
    up: {
      conversion_queue: 'ACCESS EXCLUSIVE',
      conversions: 'ACCESS EXCLUSIVE',
    },
    down: {
      conversion_queue: 'ACCESS EXCLUSIVE',
      conversions: 'ACCESS EXCLUSIVE',
    },
  },
  '20261122180100000_add-leases': {
    up: {
      conversion_queue: 'ACCESS EXCLUSIVE',
    },
    down: {
      conversion_queue: 'ACCESS EXCLUSIVE',
    },
  },
  '20261122180200000_create-record-conversion': {
    up: {},
    down: {},
  },
  '20261122180300000_create-claim-conversions': {
    up: {},
    down: {},
  },
  '20261122180400000_create-queue-answers': {
    up: {},
    down: {},
  },
  '20261122180500000_create-queue-health': {
    up: {},
    down: {},
  },
  '20261122180600000_create-visitor-functions': {
    up: {},
    down: {},
  },
  '20261122180700000_create-purge-tracking-data': {
    up: {},
    down: {},
  },
  '20261122180800000_declare-release-0-2': {
    up: {},
    down: {},
  },
  '20261127120000000_spare-the-updated-at-trigger': {
    up: {
      conversion_queue: 'SHARE ROW EXCLUSIVE',
    },
    down: {
      conversion_queue: 'SHARE ROW EXCLUSIVE',
    },
  },
  '20261127120100000_replace-claim-conversions': {
    up: {},
    down: {},
  },
  '20261127120200000_replace-queue-answers': {
    up: {},
    down: {},
  },
  '20261127120300000_declare-release-0-4': {
    up: {},
    down: {},
  },
};
