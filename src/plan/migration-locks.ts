/** Tables, and the strongest lock on each as LOCK TABLE names it. */
type Locks = Readonly<Record<string, string>>;

const SHARE_ROW_EXCLUSIVE = 'SHARE ROW EXCLUSIVE';
const ACCESS_EXCLUSIVE = 'ACCESS EXCLUSIVE';

/**
 * The locks that each migration takes, by direction, on tables that exist before it. Locks that an
 * ordinary write takes are left out.
 */
export const MIGRATION_LOCKS: Readonly<Record<string, Partial<Record<'up' | 'down', Locks>>>> = {
  '20261128100000000_require-leads': { down: { leads: ACCESS_EXCLUSIVE } },
  '20261128100100000_create-visitors': { down: { visitors: ACCESS_EXCLUSIVE } },
  '20261128100200000_create-conversions': {
    up: { leads: SHARE_ROW_EXCLUSIVE },
    down: { conversions: ACCESS_EXCLUSIVE, leads: ACCESS_EXCLUSIVE },
  },
  '20261128100300000_create-conversion-queue': {
    up: { conversions: SHARE_ROW_EXCLUSIVE },
    down: { conversion_queue: ACCESS_EXCLUSIVE, conversions: ACCESS_EXCLUSIVE },
  },
  '20261128100400000_create-tracking-events': {
    up: { visitors: SHARE_ROW_EXCLUSIVE },
    down: { tracking_events: ACCESS_EXCLUSIVE, visitors: ACCESS_EXCLUSIVE },
  },
  '20261128100500000_extend-tables': {
    up: {
      conversion_queue: ACCESS_EXCLUSIVE,
      conversions: ACCESS_EXCLUSIVE,
      tracking_events: ACCESS_EXCLUSIVE,
      visitors: ACCESS_EXCLUSIVE,
    },
    down: {
      conversion_queue: ACCESS_EXCLUSIVE,
      conversions: ACCESS_EXCLUSIVE,
      tracking_events: ACCESS_EXCLUSIVE,
      visitors: ACCESS_EXCLUSIVE,
    },
  },
  '20261128100600000_create-upload-requests': { down: { upload_requests: ACCESS_EXCLUSIVE } },
  '20261128100700000_create-updated-at-triggers': {
    up: { conversion_queue: SHARE_ROW_EXCLUSIVE, conversions: SHARE_ROW_EXCLUSIVE },
    down: { conversion_queue: ACCESS_EXCLUSIVE, conversions: ACCESS_EXCLUSIVE },
  },
};
