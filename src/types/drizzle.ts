// Generated: npm run generate.

import { relations, sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  type PgTable,
  type PgTableFn,
  primaryKey,
  serial,
  text,
  timestamp,
  unique,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
import type {
  Consent,
  ConversionType,
  JsonObject,
  QueueStatus,
  UploadRequestStatus,
} from './rows.ts';

/** How tables are declared: `pgTable`, or the `table` of a `pgSchema`. */
export type DeclareTable = PgTableFn<string | undefined>;

/** A leads table, as far as it has to be known. */
export type LeadsTable = PgTable & { readonly id: AnyPgColumn<{ data: string }> };

/** The migrations table. */
export function declareMigrationsTable(table: DeclareTable) {
  return table('tracking_migrations', {
    id: serial('id').primaryKey(),
    name: varchar('name', { length: 255 }).notNull(),
    run_on: timestamp('run_on').notNull(),
  }).enableRLS();
}

/** The placeholder for the leads table of the application. */
export function declareLeads(table: DeclareTable) {
  return table('leads', {
    id: uuid('id').primaryKey().defaultRandom(),
    created_at: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  }).enableRLS();
}

/** The tables and their relations. */
export function declareTables<Leads extends LeadsTable>(table: DeclareTable, leads: Leads) {
  const visitors = table(
    'visitors',
    {
      id: uuid('id').primaryKey().defaultRandom(),
      visitor_id: text('visitor_id').notNull(),
      gclid: text('gclid'),
      utm_source: text('utm_source'),
      utm_medium: text('utm_medium'),
      utm_campaign: text('utm_campaign'),
      utm_term: text('utm_term'),
      utm_content: text('utm_content'),
      ip_hash: text('ip_hash'),
      user_agent: text('user_agent'),
      landing_page: text('landing_page'),
      referrer: text('referrer'),
      first_seen_at: timestamp('first_seen_at', { withTimezone: true }).notNull().defaultNow(),
      last_seen_at: timestamp('last_seen_at', { withTimezone: true }).notNull().defaultNow(),
      created_at: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    },
    (t) => [
      unique('idx_visitors_visitor_id').on(t.visitor_id),
      check(
        'visitors_ip_hash_check',
        sql`NOT (((strpos(ip_hash, '.'::text) > 0) OR (strpos(ip_hash, ':'::text) > 0)) AND (ip_hash ~ '(^|[^0-9A-Za-z./+$_-])/*[0-9]{1,3}([.][0-9]{1,3}){3}[.]?($|[^0-9A-Za-z.+$])|(^|[^0-9A-Za-z./+$_:-])/*(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){6}[0-9]{1,3}([.][0-9]{1,3}){3}|([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?::(([0-9A-Fa-f]{1,4}:){0,6}([0-9A-Fa-f]{1,4}|[0-9]{1,3}([.][0-9]{1,3}){3}))?)(:[0-9]{1,5})?($|[^0-9A-Za-z.+$:])'::text))`,
      ),
      index('idx_visitors_gclid').on(t.gclid).where(sql`(gclid IS NOT NULL)`),
      index('idx_visitors_last_seen_at').on(t.last_seen_at),
    ],
  ).enableRLS();

  const conversions = table(
    'conversions',
    {
      id: uuid('id').primaryKey().defaultRandom(),
      lead_id: uuid('lead_id').notNull(),
      conversion_type: text('conversion_type').$type<ConversionType>().notNull(),
      conversion_value: numeric('conversion_value', { precision: 10, scale: 2 }),
      conversion_currency: text('conversion_currency').default('EUR'),
      idempotency_key: text('idempotency_key').notNull(),
      crm_deal_id: text('crm_deal_id'),
      gclid: text('gclid'),
      email_hash: text('email_hash'),
      utm_source: text('utm_source'),
      utm_medium: text('utm_medium'),
      utm_campaign: text('utm_campaign'),
      created_at: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
      updated_at: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
      converted_at: timestamp('converted_at', { withTimezone: true }),
      consent_ad_user_data: text('consent_ad_user_data').$type<Consent>(),
      consent_ad_personalization: text('consent_ad_personalization').$type<Consent>(),
    },
    (t) => [
      foreignKey({
        name: 'conversions_lead_id_fkey',
        columns: [t.lead_id],
        foreignColumns: [leads.id],
      }).onDelete('cascade'),
      check(
        'conversions_conversion_type_check',
        sql`conversion_type = ANY (ARRAY['qualified'::text, 'closed'::text])`,
      ),
      unique('idx_conversions_idempotency_key').on(t.idempotency_key),
      check(
        'conversions_consent_ad_personalization_check',
        sql`consent_ad_personalization = ANY (ARRAY['granted'::text, 'denied'::text])`,
      ),
      check(
        'conversions_consent_ad_user_data_check',
        sql`consent_ad_user_data = ANY (ARRAY['granted'::text, 'denied'::text])`,
      ),
      check('conversions_conversion_currency_check', sql`conversion_currency ~ '^[A-Z]{3}$'::text`),
      check(
        'conversions_idempotency_key_check',
        sql`idempotency_key = ((crm_deal_id || ':'::text) || conversion_type)`,
      ),
      index('idx_conversions_created_at').on(t.created_at),
      index('idx_conversions_lead_id').on(t.lead_id),
      index('idx_conversions_type').on(t.conversion_type),
    ],
  ).enableRLS();

  const conversionQueue = table(
    'conversion_queue',
    {
      id: uuid('id').primaryKey().defaultRandom(),
      conversion_id: uuid('conversion_id').notNull(),
      platform: text('platform').notNull().default('google_ads'),
      status: text('status').$type<QueueStatus>().notNull().default('pending'),
      retry_count: integer('retry_count').notNull().default(0),
      max_retries: integer('max_retries').notNull().default(5),
      next_retry_at: timestamp('next_retry_at', { withTimezone: true }),
      last_error: text('last_error'),
      uploaded_at: timestamp('uploaded_at', { withTimezone: true }),
      created_at: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
      updated_at: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
      request_id: text('request_id'),
      error_code: text('error_code'),
      leased_until: timestamp('leased_until', { withTimezone: true }),
      lease_id: uuid('lease_id'),
      send_alone: boolean('send_alone'),
    },
    (t) => [
      foreignKey({
        name: 'conversion_queue_conversion_id_fkey',
        columns: [t.conversion_id],
        foreignColumns: [conversions.id],
      }).onDelete('cascade'),
      check(
        'conversion_queue_status_check',
        sql`status = ANY (ARRAY['pending'::text, 'uploaded'::text, 'failed'::text, 'dead_letter'::text])`,
      ),
      check(
        'conversion_queue_retry_count_check',
        sql`(retry_count >= 0) AND (retry_count <= max_retries)`,
      ),
      index('idx_queue_conversion_id').on(t.conversion_id),
      index('idx_queue_platform').on(t.platform),
      index('idx_queue_status_next_retry')
        .on(t.status, t.next_retry_at)
        .where(sql`(status = ANY (ARRAY['pending'::text, 'failed'::text]))`),
      index('idx_queue_dead_letter')
        .on(t.platform, t.created_at)
        .where(sql`(status = 'dead_letter'::text)`),
      index('idx_queue_due')
        .on(sql`platform`, sql`COALESCE(next_retry_at, created_at)`)
        .where(sql`(status = ANY (ARRAY['pending'::text, 'failed'::text]))`),
    ],
  ).enableRLS();

  const trackingEvents = table(
    'tracking_events',
    {
      id: uuid('id').primaryKey().defaultRandom(),
      visitor_id: uuid('visitor_id'),
      event_name: text('event_name').notNull(),
      event_id: text('event_id'),
      params: jsonb('params').$type<JsonObject>().default({}),
      page_url: text('page_url'),
      created_at: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    },
    (t) => [
      foreignKey({
        name: 'tracking_events_visitor_id_fkey',
        columns: [t.visitor_id],
        foreignColumns: [visitors.id],
      }).onDelete('set null'),
      check('tracking_events_params_check', sql`jsonb_typeof(params) = 'object'::text`),
      index('idx_tracking_events_created_at').on(t.created_at),
      index('idx_tracking_events_event_name').on(t.event_name),
      index('idx_tracking_events_visitor_id').on(t.visitor_id),
    ],
  ).enableRLS();

  const uploadRequests = table(
    'upload_requests',
    {
      platform: text('platform').notNull(),
      request_id: text('request_id').notNull(),
      entry_ids: uuid('entry_ids').array().notNull(),
      entry_count: integer('entry_count').notNull(),
      status: text('status').$type<UploadRequestStatus>().notNull().default('processing'),
      check_count: integer('check_count').notNull().default(0),
      next_check_at: timestamp('next_check_at', { withTimezone: true }),
      lease_id: uuid('lease_id'),
      accepted_at: timestamp('accepted_at', { withTimezone: true }).notNull().defaultNow(),
      settled_at: timestamp('settled_at', { withTimezone: true }),
      rejected_count: integer('rejected_count'),
    },
    (t) => [
      primaryKey({ name: 'upload_requests_pkey', columns: [t.request_id, t.platform] }),
      check(
        'upload_requests_next_check_at_check',
        sql`(next_check_at IS NOT NULL) = (status = 'processing'::text)`,
      ),
      check(
        'upload_requests_settled_at_check',
        sql`(settled_at IS NULL) = (status = ANY (ARRAY['processing'::text, 'expired'::text]))`,
      ),
      check(
        'upload_requests_status_check',
        sql`status = ANY (ARRAY['processing'::text, 'succeeded'::text, 'partially_succeeded'::text, 'failed'::text, 'expired'::text])`,
      ),
      index('idx_upload_requests_due')
        .on(t.platform, t.next_check_at)
        .where(sql`(status = 'processing'::text)`),
      index('idx_upload_requests_open')
        .on(t.platform, t.status, t.accepted_at)
        .where(sql`(status = ANY (ARRAY['processing'::text, 'expired'::text]))`),
      index('idx_upload_requests_settled_at').on(t.settled_at).where(sql`(settled_at IS NOT NULL)`),
    ],
  ).enableRLS();

  return {
    visitors,
    conversions,
    conversionQueue,
    trackingEvents,
    uploadRequests,
    visitorsRelations: relations(visitors, ({ many }) => ({
      events: many(trackingEvents),
    })),
    conversionsRelations: relations(conversions, ({ one, many }) => ({
      lead: one(leads, { fields: [conversions.lead_id], references: [leads.id] }),
      queue: many(conversionQueue),
    })),
    conversionQueueRelations: relations(conversionQueue, ({ one }) => ({
      conversion: one(conversions, {
        fields: [conversionQueue.conversion_id],
        references: [conversions.id],
      }),
    })),
    trackingEventsRelations: relations(trackingEvents, ({ one }) => ({
      visitor: one(visitors, { fields: [trackingEvents.visitor_id], references: [visitors.id] }),
    })),
  };
}
