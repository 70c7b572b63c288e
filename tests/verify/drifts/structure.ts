import type { Drift } from './drift.ts';

/** Changes to what the schema consists of. Run as the owner, with public on the search path. */
export const OF_STRUCTURE: Readonly<Record<string, Drift>> = {
  'a table dropped': {
    sql: 'DROP TABLE tracking_events',
    finds: [
      'TABLE_MISSING table public.tracking_events',
      'CONSTRAINT_MISSING constraint tracking_events_visitor_id_fkey on public.tracking_events',
    ],
  },
  'a table dropped to which others refer': {
    sql: 'DROP TABLE conversions CASCADE',
    finds: [
      'TABLE_MISSING table public.conversions',
      'CONSTRAINT_MISSING constraint conversion_queue_conversion_id_fkey on public.conversion_queue',
      'CONSTRAINT_MISSING constraint conversions_lead_id_fkey on public.conversions',
      'TRIGGER_MISSING trigger conversions_set_updated_at on public.conversions',
    ],
  },
  'the placeholder dropped': {
    sql: 'DROP TABLE leads CASCADE',
    finds: [
      'TABLE_MISSING table public.leads',
      'CONSTRAINT_MISSING constraint conversions_lead_id_fkey on public.conversions',
    ],
  },
  'a table renamed': {
    sql: 'ALTER TABLE tracking_events RENAME TO events',
    finds: ['TABLE_RENAMED table public.tracking_events'],
  },
  'a column renamed': {
    sql: 'ALTER TABLE visitors RENAME COLUMN visitor_id TO "Cookie"',
    finds: ['COLUMN_RENAMED column public.visitors.visitor_id'],
  },
  'a table that is not logged': {
    sql: 'ALTER TABLE tracking_events SET UNLOGGED',
    finds: ['TABLE_NOT_ORDINARY table public.tracking_events'],
  },
  'a table with a child': {
    sql: 'CREATE TABLE more () INHERITS (tracking_events)',
    finds: ['TABLE_NOT_ORDINARY table public.tracking_events'],
  },
  'a rewrite rule': {
    sql: 'CREATE RULE swallow AS ON INSERT TO visitors DO INSTEAD NOTHING',
    finds: ['TABLE_NOT_ORDINARY table public.visitors'],
  },
  'a column dropped': {
    sql: 'ALTER TABLE visitors DROP COLUMN utm_term',
    finds: ['COLUMN_MISSING column public.visitors.utm_term'],
  },
  'a column dropped with its index': {
    sql: 'ALTER TABLE visitors DROP COLUMN gclid',
    finds: [
      'COLUMN_MISSING column public.visitors.gclid',
      'INDEX_MISSING index public.idx_visitors_gclid',
    ],
  },
  'a column of another type': {
    sql: 'ALTER TABLE visitors ALTER COLUMN referrer TYPE varchar(300)',
    finds: ['COLUMN_TYPE_DIFFERS column public.visitors.referrer'],
  },
  'a column with a default of another type': {
    sql: 'ALTER TABLE conversion_queue ALTER COLUMN max_retries TYPE bigint',
    finds: ['COLUMN_TYPE_DIFFERS column public.conversion_queue.max_retries'],
  },
  'a column with another collation': {
    sql: 'ALTER TABLE visitors ALTER COLUMN user_agent TYPE text COLLATE "C"',
    finds: ['COLUMN_TYPE_DIFFERS column public.visitors.user_agent'],
  },
  'a column that may be null': {
    sql: 'ALTER TABLE tracking_events ALTER COLUMN event_name DROP NOT NULL',
    finds: ['COLUMN_NOT_NULL_DIFFERS column public.tracking_events.event_name'],
  },
  'a column that may not be null': {
    sql: 'ALTER TABLE visitors ALTER COLUMN gclid SET NOT NULL',
    finds: ['COLUMN_NOT_NULL_DIFFERS column public.visitors.gclid'],
  },
  'a default dropped': {
    sql: 'ALTER TABLE conversion_queue ALTER COLUMN status DROP DEFAULT',
    finds: ['COLUMN_DEFAULT_DIFFERS column public.conversion_queue.status'],
  },
  'a default added': {
    sql: "ALTER TABLE visitors ALTER COLUMN referrer SET DEFAULT 'none'",
    finds: ['COLUMN_DEFAULT_DIFFERS column public.visitors.referrer'],
  },
  "the migrations table's default dropped": {
    sql: 'ALTER TABLE tracking_migrations ALTER COLUMN id DROP DEFAULT',
    finds: ['COLUMN_DEFAULT_DIFFERS column public.tracking_migrations.id'],
  },
  "the migrations table's sequence dropped": {
    sql: 'DROP SEQUENCE tracking_migrations_id_seq CASCADE',
    finds: ['COLUMN_DEFAULT_DIFFERS column public.tracking_migrations.id'],
  },
  "the migrations table's primary key dropped": {
    sql: 'ALTER TABLE tracking_migrations DROP CONSTRAINT tracking_migrations_pkey',
    finds: ['CONSTRAINT_MISSING constraint "PRIMARY KEY" on public.tracking_migrations'],
  },
  "a column of the application's own": {
    sql: 'ALTER TABLE visitors ADD COLUMN tenant text',
    finds: ['COLUMN_ADDED column public.visitors.tenant'],
  },
  "a column of the application's own that refuses our rows": {
    sql: 'ALTER TABLE visitors ADD COLUMN tenant text NOT NULL',
    finds: ['COLUMN_CONFLICT column public.visitors.tenant'],
  },
  'a check dropped': {
    sql: 'ALTER TABLE visitors DROP CONSTRAINT visitors_ip_hash_check',
    finds: ['CONSTRAINT_MISSING constraint visitors_ip_hash_check on public.visitors'],
  },
  'a unique constraint dropped': {
    sql: 'ALTER TABLE visitors DROP CONSTRAINT idx_visitors_visitor_id',
    finds: ['CONSTRAINT_MISSING constraint idx_visitors_visitor_id on public.visitors'],
  },
  'a unique constraint replaced by an index of its name': {
    sql: `ALTER TABLE visitors DROP CONSTRAINT idx_visitors_visitor_id;
      CREATE INDEX idx_visitors_visitor_id ON visitors (visitor_id)`,
    finds: [
      'INDEX_CONFLICT index public.idx_visitors_visitor_id',
      'CONSTRAINT_MISSING constraint idx_visitors_visitor_id on public.visitors',
    ],
  },
  'a primary key dropped with what refers to it': {
    sql: 'ALTER TABLE conversions DROP CONSTRAINT conversions_pkey CASCADE',
    finds: [
      'CONSTRAINT_MISSING constraint conversions_pkey on public.conversions',
      'CONSTRAINT_MISSING constraint conversion_queue_conversion_id_fkey on public.conversion_queue',
    ],
  },
  'a foreign key dropped': {
    sql: 'ALTER TABLE conversions DROP CONSTRAINT conversions_lead_id_fkey',
    finds: ['CONSTRAINT_MISSING constraint conversions_lead_id_fkey on public.conversions'],
  },
  'a foreign key that cascades in another way': {
    sql: `ALTER TABLE tracking_events DROP CONSTRAINT tracking_events_visitor_id_fkey,
      ADD CONSTRAINT tracking_events_visitor_id_fkey FOREIGN KEY (visitor_id) REFERENCES visitors (id) ON DELETE CASCADE`,
    finds: [
      'CONSTRAINT_DIFFERS constraint tracking_events_visitor_id_fkey on public.tracking_events',
    ],
  },
  'a check that allows more': {
    sql: `ALTER TABLE conversions DROP CONSTRAINT conversions_conversion_type_check,
      ADD CONSTRAINT conversions_conversion_type_check CHECK (conversion_type <> '')`,
    finds: [
      'CONSTRAINT_DIFFERS constraint conversions_conversion_type_check on public.conversions',
    ],
  },
  'a check that was never validated': {
    sql: `ALTER TABLE conversions DROP CONSTRAINT conversions_conversion_currency_check,
      ADD CONSTRAINT conversions_conversion_currency_check CHECK (conversion_currency ~ '^[A-Z]{3}$') NOT VALID`,
    finds: [
      'CONSTRAINT_DIFFERS constraint conversions_conversion_currency_check on public.conversions',
    ],
  },
  'a type that other definitions lean on': {
    sql: 'ALTER TABLE conversion_queue ALTER COLUMN status TYPE varchar(20)',
    finds: [
      'COLUMN_TYPE_DIFFERS column public.conversion_queue.status',
      'CONSTRAINT_DIFFERS constraint conversion_queue_status_check on public.conversion_queue',
      'INDEX_DIFFERS index public.idx_queue_dead_letter',
      'INDEX_DIFFERS index public.idx_queue_due',
      'INDEX_DIFFERS index public.idx_queue_status_next_retry',
    ],
  },
  'a constraint renamed': {
    sql: 'ALTER TABLE conversions RENAME CONSTRAINT idx_conversions_idempotency_key TO one_key',
    finds: ['CONSTRAINT_RENAMED constraint idx_conversions_idempotency_key on public.conversions'],
  },
  'a constraint that refuses our rows': {
    sql: "ALTER TABLE conversion_queue ADD CONSTRAINT only_google CHECK (platform = 'google_ads')",
    finds: ['CONSTRAINT_CONFLICT constraint only_google on public.conversion_queue'],
  },
  'a unique constraint that refuses our rows': {
    sql: 'ALTER TABLE conversions ADD CONSTRAINT one_per_lead UNIQUE (lead_id)',
    finds: ['CONSTRAINT_CONFLICT constraint one_per_lead on public.conversions'],
  },
  "a constraint on a column of the application's own": {
    sql: `ALTER TABLE visitors ADD COLUMN tenant text CONSTRAINT tenant_check CHECK (tenant <> '')`,
    finds: [
      'COLUMN_ADDED column public.visitors.tenant',
      'CONSTRAINT_ADDED constraint tenant_check on public.visitors',
    ],
  },
  'an index dropped': {
    sql: 'DROP INDEX idx_queue_status_next_retry',
    finds: ['INDEX_MISSING index public.idx_queue_status_next_retry'],
  },
  'an index on other columns': {
    sql: 'DROP INDEX idx_queue_platform; CREATE INDEX idx_queue_platform ON conversion_queue (platform, status)',
    finds: ['INDEX_DIFFERS index public.idx_queue_platform'],
  },
  'an index without its predicate': {
    sql: 'DROP INDEX idx_visitors_gclid; CREATE INDEX idx_visitors_gclid ON visitors (gclid)',
    finds: ['INDEX_DIFFERS index public.idx_visitors_gclid'],
  },
  'an index that is unique': {
    sql: 'DROP INDEX idx_queue_conversion_id; CREATE UNIQUE INDEX idx_queue_conversion_id ON conversion_queue (conversion_id)',
    finds: ['INDEX_DIFFERS index public.idx_queue_conversion_id'],
  },
  'an index renamed': {
    sql: 'ALTER INDEX idx_conversions_type RENAME TO by_type',
    finds: ['INDEX_RENAMED index public.idx_conversions_type'],
  },
  "an index of the application's own": {
    sql: 'CREATE INDEX by_referrer ON visitors (referrer)',
    finds: ['INDEX_ADDED index public.by_referrer'],
  },
  'a second index on the same columns': {
    sql: 'CREATE INDEX by_visitor_id ON visitors (visitor_id)',
    finds: ['INDEX_ADDED index public.by_visitor_id'],
  },
  'a unique index that refuses our rows': {
    sql: 'CREATE UNIQUE INDEX once ON conversion_queue (conversion_id)',
    finds: ['INDEX_CONFLICT index public.once'],
  },
  "a trigger of the application's own": {
    sql: `CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER audit AFTER INSERT ON visitors FOR EACH ROW EXECUTE FUNCTION audit()`,
    finds: ['TRIGGER_ADDED trigger audit on public.visitors'],
  },
  'a trigger dropped': {
    sql: 'DROP TRIGGER conversions_set_updated_at ON conversions',
    finds: ['TRIGGER_MISSING trigger conversions_set_updated_at on public.conversions'],
  },
  'a trigger without its condition': {
    sql: `CREATE OR REPLACE TRIGGER conversions_set_updated_at BEFORE UPDATE ON conversions
      FOR EACH ROW EXECUTE FUNCTION tracking_set_updated_at()`,
    finds: ['TRIGGER_DIFFERS trigger conversions_set_updated_at on public.conversions'],
  },
  'a trigger disabled': {
    sql: 'ALTER TABLE conversions DISABLE TRIGGER conversions_set_updated_at',
    finds: ['TRIGGER_DISABLED trigger conversions_set_updated_at on public.conversions'],
  },
  'a function dropped with its triggers': {
    sql: 'DROP FUNCTION tracking_set_updated_at() CASCADE',
    finds: [
      'FUNCTION_MISSING function public.tracking_set_updated_at()',
      'TRIGGER_MISSING trigger conversion_queue_set_updated_at on public.conversion_queue',
      'TRIGGER_MISSING trigger conversions_set_updated_at on public.conversions',
    ],
  },
  'a function with another body': {
    sql: `CREATE OR REPLACE FUNCTION tracking_set_updated_at() RETURNS trigger LANGUAGE plpgsql
      SET search_path = '' AS 'BEGIN RETURN NEW; END'`,
    finds: ['FUNCTION_DIFFERS function public.tracking_set_updated_at()'],
  },
  'a function without its search_path': {
    sql: 'ALTER FUNCTION tracking_set_updated_at() RESET search_path',
    finds: ['FUNCTION_DIFFERS function public.tracking_set_updated_at()'],
  },
  'a function with the rights of its owner': {
    sql: 'ALTER FUNCTION tracking_set_updated_at() SECURITY DEFINER',
    finds: ['FUNCTION_DIFFERS function public.tracking_set_updated_at()'],
  },
  'a migration taken out of the migrations table': {
    sql: "DELETE FROM tracking_migrations WHERE name LIKE '%extend-tables'",
    finds: ['MIGRATIONS_TABLE_DAMAGED table public.tracking_migrations'],
  },
  'a migration recorded twice': {
    sql: "INSERT INTO tracking_migrations (name, run_on) SELECT name, now() FROM tracking_migrations WHERE name LIKE '%extend-tables'",
    finds: ['MIGRATIONS_TABLE_DAMAGED table public.tracking_migrations'],
  },
  'migrations that are pending': {
    sql: "DELETE FROM tracking_migrations WHERE name LIKE '%purge-tracking-data'",
    finds: ['MIGRATIONS_PENDING table public.tracking_migrations'],
  },
  "a column dropped, and one of the application's own like it": {
    sql: 'ALTER TABLE visitors DROP COLUMN utm_term CASCADE, ADD COLUMN note text',
    finds: [
      'COLUMN_MISSING column public.visitors.utm_term',
      'COLUMN_ADDED column public.visitors.note',
    ],
  },
  'a table without a replica identity': {
    sql: 'ALTER TABLE conversion_queue REPLICA IDENTITY NOTHING',
    finds: ['TABLE_NOT_ORDINARY table public.conversion_queue'],
  },
  'tables that are not logged, which refer to each other': {
    sql: 'ALTER TABLE conversion_queue SET UNLOGGED; ALTER TABLE conversions SET UNLOGGED',
    finds: [
      'TABLE_NOT_ORDINARY table public.conversions',
      'TABLE_NOT_ORDINARY table public.conversion_queue',
    ],
  },
  "a check on a column of the application's own that refuses every row of ours": {
    sql: 'ALTER TABLE visitors ADD COLUMN tenant text, ADD CONSTRAINT tenant_given CHECK (tenant IS NOT NULL)',
    finds: [
      'CONSTRAINT_CONFLICT constraint tenant_given on public.visitors',
      'COLUMN_ADDED column public.visitors.tenant',
    ],
  },
  "a unique index with a column of the application's own": {
    sql: 'ALTER TABLE visitors ADD COLUMN "tenantId" text; CREATE UNIQUE INDEX once ON visitors ("tenantId", gclid)',
    finds: ['COLUMN_ADDED column public.visitors."tenantId"', 'INDEX_ADDED index public.once'],
  },
  'a foreign key to another leads': {
    sql: `CREATE SCHEMA archive; CREATE TABLE archive.leads (id uuid PRIMARY KEY);
      ALTER TABLE conversions DROP CONSTRAINT conversions_lead_id_fkey,
        ADD CONSTRAINT conversions_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES archive.leads (id) ON DELETE CASCADE`,
    finds: ['CONSTRAINT_DIFFERS constraint conversions_lead_id_fkey on public.conversions'],
  },
};
