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
  '20261128100000000_require-leads': {
    up: {},
    down: {
      leads: 'ACCESS EXCLUSIVE',
    },
  },
  '20261128100100000_create-visitors': {
    up: {},
    down: {
      visitors: 'ACCESS EXCLUSIVE',
    },
  },
  '20261128100200000_create-conversions': {
    up: {
      leads: 'SHARE ROW EXCLUSIVE',
    },
    down: {
      conversions: 'ACCESS EXCLUSIVE',
      leads: 'ACCESS EXCLUSIVE',
    },
  },
  '20261128100300000_create-conversion-queue': {
    up: {
      conversions: 'SHARE ROW EXCLUSIVE',
    },
    down: {
      conversion_queue: 'ACCESS EXCLUSIVE',
      conversions: 'ACCESS EXCLUSIVE',
    },
  },
  '20261128100400000_create-tracking-events': {
    up: {
      visitors: 'SHARE ROW EXCLUSIVE',
    },
    down: {
      tracking_events: 'ACCESS EXCLUSIVE',
      visitors: 'ACCESS EXCLUSIVE',
    },
  },
  '20261128100500000_extend-tables': {
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
  '20261128100600000_create-updated-at-triggers': {
    up: {
      conversion_queue: 'SHARE ROW EXCLUSIVE',
      conversions: 'SHARE ROW EXCLUSIVE',
    },
    down: {
      conversion_queue: 'ACCESS EXCLUSIVE',
      conversions: 'ACCESS EXCLUSIVE',
    },
  },
  '20261128100700000_create-record-conversion': {
    up: {},
    down: {},
  },
  '20261128100800000_create-queue-functions': {
    up: {},
    down: {},
  },
  '20261128100900000_create-queue-health': {
    up: {},
    down: {},
  },
  '20261128101000000_create-visitor-functions': {
    up: {},
    down: {},
  },
  '20261128101100000_create-purge-tracking-data': {
    up: {},
    down: {},
  },
};
