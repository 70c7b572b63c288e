/** One migration of the package. */
export interface Migration {
  /** As the migrations table records it: the file's name without its extension. */
  readonly name: string;
  /** Tables that it creates, and that its `down` drops. */
  readonly creates: readonly string[];
}

/** Every migration, in order. */
export const migrations: readonly Migration[] = [
  { name: '20261128100000000_require-leads', creates: ['leads'] },
  { name: '20261128100100000_create-visitors', creates: ['visitors'] },
  { name: '20261128100200000_create-conversions', creates: ['conversions'] },
  { name: '20261128100300000_create-conversion-queue', creates: ['conversion_queue'] },
  { name: '20261128100400000_create-tracking-events', creates: ['tracking_events'] },
  { name: '20261128100500000_extend-tables', creates: [] },
  { name: '20261128100600000_create-upload-requests', creates: ['upload_requests'] },
  { name: '20261128100700000_create-updated-at-triggers', creates: [] },
  { name: '20261128100800000_create-record-conversion', creates: [] },
  { name: '20261128100900000_create-queue-functions', creates: [] },
  { name: '20261128101000000_create-upload-request-functions', creates: [] },
  { name: '20261128101100000_create-queue-health', creates: [] },
  { name: '20261128101200000_create-visitor-functions', creates: [] },
  { name: '20261128101300000_create-purge-tracking-data', creates: [] },
];

/** Their names, in order. */
export const MIGRATION_NAMES: readonly string[] = migrations.map(({ name }) => name);

/** How many of them, from the first on, make up the contract: the tables, and nothing added. */
export const CONTRACT_MIGRATIONS = 5;

/** The tables that the package always creates itself: all but `leads`. */
export const OWN_TABLES: readonly string[] = migrations.slice(1).flatMap(({ creates }) => creates);

/** The tables of the contract, which the package always creates itself. */
export const CONTRACT_TABLES: readonly string[] = migrations
  .slice(1, CONTRACT_MIGRATIONS)
  .flatMap(({ creates }) => creates);
