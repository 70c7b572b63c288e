/** One migration of the package. */
export interface Migration {
  /** As the migrations table records it: the file's name without its extension. */
  readonly name: string;
  /** Tables that it creates, and that its `down` drops. */
  readonly creates: readonly string[];
}

/** Every migration, in order. */
export const migrations: readonly Migration[] = [
  { name: '20261122110000000_require-leads', creates: ['leads'] },
  { name: '20261122110100000_create-visitors', creates: ['visitors'] },
  { name: '20261122110200000_create-conversions', creates: ['conversions'] },
  { name: '20261122110300000_create-conversion-queue', creates: ['conversion_queue'] },
  { name: '20261122110400000_create-tracking-events', creates: ['tracking_events'] },
  { name: '20261122110500000_add-checks', creates: [] },
  { name: '20261122110600000_add-updated-at-triggers', creates: [] },
  { name: '20261122110700000_declare-release', creates: [] },
  { name: '20261122180000000_add-google-columns', creates: [] },
  { name: '20261122180100000_add-leases', creates: [] },
  { name: '20261122180200000_create-record-conversion', creates: [] },
  { name: '20261122180300000_create-claim-conversions', creates: [] },
  { name: '20261122180400000_create-queue-answers', creates: [] },
  { name: '20261122180500000_create-queue-health', creates: [] },
  { name: '20261122180600000_create-visitor-functions', creates: [] },
  { name: '20261122180700000_create-purge-tracking-data', creates: [] },
  { name: '20261122180800000_declare-release-0-2', creates: [] },
  { name: '20261127120000000_spare-the-updated-at-trigger', creates: [] },
  { name: '20261127120100000_replace-claim-conversions', creates: [] },
  { name: '20261127120200000_replace-queue-answers', creates: [] },
  { name: '20261127120300000_declare-release-0-4', creates: [] },
];

/** How many of them, from the first on, make up the contract: the tables, and nothing added. */
export const CONTRACT_MIGRATIONS = 5;

/** The tables of the contract, which the package always creates itself. */
export const CONTRACT_TABLES: readonly string[] = migrations
  .slice(1, CONTRACT_MIGRATIONS)
  .flatMap(({ creates }) => creates);
