// Generated: npm run generate.

import type { Consent, ConversionType, QueueStatus, UploadRequestStatus } from './rows.ts';

/** Any value of JSON. */
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

/**
 * What supabase-js and postgrest-js take as their `Database`: the tables and functions of this package
 * in their schema. A row is as the API gives it: a timestamptz is a string, a numeric a number.
 *
 * @typeParam SchemaName - the schema that holds them
 * @example
 * import { createClient } from '@supabase/supabase-js';
 * import type { Database } from 'conversion-tracking-schema/supabase';
 *
 * const supabase = createClient<Database>(url, secretKey);
 * const { data } = await supabase.rpc('claim_conversions', { limit: 10 });
 */
export type Database<SchemaName extends string = 'public'> = {
  [Name in SchemaName]: {
    Tables: {
      /** One row per browser. */
      visitors: {
        Row: {
          /** Primary key, referenced by tracking_events.visitor_id. */
          id: string;
          /** The id kept in the browser's cookie. */
          visitor_id: string;
          /** Google Ads click id of the latest click. */
          gclid: string | null;
          /** utm_source of the first visit that had any utm value. */
          utm_source: string | null;
          /** utm_medium of the first visit that had any utm value. */
          utm_medium: string | null;
          /** utm_campaign of the first visit that had any utm value. */
          utm_campaign: string | null;
          /** utm_term of the first visit that had any utm value. */
          utm_term: string | null;
          /** utm_content of the first visit that had any utm value. */
          utm_content: string | null;
          /** SHA-256 of the IP address, preferably keyed (HMAC). Never the address itself. */
          ip_hash: string | null;
          /** User-Agent header. */
          user_agent: string | null;
          /** First page visited. */
          landing_page: string | null;
          /** HTTP referrer. */
          referrer: string | null;
          /** When the visitor was first seen. */
          first_seen_at: string;
          /** When the visitor was last seen. */
          last_seen_at: string;
          /** When the row was inserted. */
          created_at: string;
        };
        ComputedFields: never;
        Insert: {
          /** Primary key, referenced by tracking_events.visitor_id. */
          id?: string;
          /** The id kept in the browser's cookie. */
          visitor_id: string;
          /** Google Ads click id of the latest click. */
          gclid?: string | null;
          /** utm_source of the first visit that had any utm value. */
          utm_source?: string | null;
          /** utm_medium of the first visit that had any utm value. */
          utm_medium?: string | null;
          /** utm_campaign of the first visit that had any utm value. */
          utm_campaign?: string | null;
          /** utm_term of the first visit that had any utm value. */
          utm_term?: string | null;
          /** utm_content of the first visit that had any utm value. */
          utm_content?: string | null;
          /** SHA-256 of the IP address, preferably keyed (HMAC). Never the address itself. */
          ip_hash?: string | null;
          /** User-Agent header. */
          user_agent?: string | null;
          /** First page visited. */
          landing_page?: string | null;
          /** HTTP referrer. */
          referrer?: string | null;
          /** When the visitor was first seen. */
          first_seen_at?: string;
          /** When the visitor was last seen. */
          last_seen_at?: string;
          /** When the row was inserted. */
          created_at?: string;
        };
        Update: {
          id?: string;
          visitor_id?: string;
          gclid?: string | null;
          utm_source?: string | null;
          utm_medium?: string | null;
          utm_campaign?: string | null;
          utm_term?: string | null;
          utm_content?: string | null;
          ip_hash?: string | null;
          user_agent?: string | null;
          landing_page?: string | null;
          referrer?: string | null;
          first_seen_at?: string;
          last_seen_at?: string;
          created_at?: string;
        };
        Relationships: [];
      };
      /** One row per qualified or closed lead. */
      conversions: {
        Row: {
          /** Primary key, referenced by conversion_queue.conversion_id. */
          id: string;
          /** The lead, a row of leads. */
          lead_id: string;
          /** What the CRM reported: qualified or closed. */
          conversion_type: ConversionType;
          /** Value of the conversion; null: unknown. */
          conversion_value: number | null;
          /** Currency of the value, an ISO 4217 code. */
          conversion_currency: string | null;
          /** Identifies the reported conversion, once: crm_deal_id:conversion_type, or a key of your own where crm_deal_id is null. The transaction id of the upload. */
          idempotency_key: string;
          /** The CRM's own id of the deal. */
          crm_deal_id: string | null;
          /** Google Ads click id, given or copied from the lead's visitor. */
          gclid: string | null;
          /** SHA-256 of the normalised e-mail address, for Enhanced Conversions. */
          email_hash: string | null;
          /** utm_source, given or copied from the lead's visitor. */
          utm_source: string | null;
          /** utm_medium, given or copied from the lead's visitor. */
          utm_medium: string | null;
          /** utm_campaign, given or copied from the lead's visitor. */
          utm_campaign: string | null;
          /** When the row was inserted. */
          created_at: string;
          /** When the row was last changed. */
          updated_at: string;
          /** When the lead was qualified or closed; null: at created_at. */
          converted_at: string | null;
          /** Consent to send user data to Google for advertising: granted or denied; null: unknown. */
          consent_ad_user_data: Consent | null;
          /** Consent to personalized advertising: granted or denied; null: unknown. */
          consent_ad_personalization: Consent | null;
        };
        ComputedFields: never;
        Insert: {
          /** Primary key, referenced by conversion_queue.conversion_id. */
          id?: string;
          /** The lead, a row of leads. */
          lead_id: string;
          /** What the CRM reported: qualified or closed. */
          conversion_type: ConversionType;
          /** Value of the conversion; null: unknown. */
          conversion_value?: number | null;
          /** Currency of the value, an ISO 4217 code. */
          conversion_currency?: string | null;
          /** Identifies the reported conversion, once: crm_deal_id:conversion_type, or a key of your own where crm_deal_id is null. The transaction id of the upload. */
          idempotency_key: string;
          /** The CRM's own id of the deal. */
          crm_deal_id?: string | null;
          /** Google Ads click id, given or copied from the lead's visitor. */
          gclid?: string | null;
          /** SHA-256 of the normalised e-mail address, for Enhanced Conversions. */
          email_hash?: string | null;
          /** utm_source, given or copied from the lead's visitor. */
          utm_source?: string | null;
          /** utm_medium, given or copied from the lead's visitor. */
          utm_medium?: string | null;
          /** utm_campaign, given or copied from the lead's visitor. */
          utm_campaign?: string | null;
          /** When the row was inserted. */
          created_at?: string;
          /** When the row was last changed. */
          updated_at?: string;
          /** When the lead was qualified or closed; null: at created_at. */
          converted_at?: string | null;
          /** Consent to send user data to Google for advertising: granted or denied; null: unknown. */
          consent_ad_user_data?: Consent | null;
          /** Consent to personalized advertising: granted or denied; null: unknown. */
          consent_ad_personalization?: Consent | null;
        };
        Update: {
          id?: string;
          lead_id?: string;
          conversion_type?: ConversionType;
          conversion_value?: number | null;
          conversion_currency?: string | null;
          idempotency_key?: string;
          crm_deal_id?: string | null;
          gclid?: string | null;
          email_hash?: string | null;
          utm_source?: string | null;
          utm_medium?: string | null;
          utm_campaign?: string | null;
          created_at?: string;
          updated_at?: string;
          converted_at?: string | null;
          consent_ad_user_data?: Consent | null;
          consent_ad_personalization?: Consent | null;
        };
        Relationships: [
          {
            foreignKeyName: 'conversions_lead_id_fkey';
            columns: ['lead_id'];
            isOneToOne: false;
            referencedRelation: 'leads';
            referencedColumns: ['id'];
          },
        ];
      };
      /** One row per conversion and platform to upload to. */
      conversion_queue: {
        Row: {
          /** Primary key. */
          id: string;
          /** The conversion to upload, a row of conversions. */
          conversion_id: string;
          /** Where to upload to. */
          platform: string;
          /** pending, uploaded, failed (will be retried) or dead_letter (will not be retried). */
          status: QueueStatus;
          /** Failed attempts; at most max_retries. */
          retry_count: number;
          /** Failed attempts after which the entry becomes a dead letter. */
          max_retries: number;
          /** End of the backoff after a reported failure. Null where there is none: no failure was reported since the entry was created or requeued, or it is uploaded or a dead letter. */
          next_retry_at: string | null;
          /** Error of the last failed attempt. */
          last_error: string | null;
          /** When the upload was reported as completed. */
          uploaded_at: string | null;
          /** When the row was inserted. */
          created_at: string;
          /** When the row was last changed. */
          updated_at: string;
          /** Id of the upload request, for platforms that report its result later. */
          request_id: string | null;
          /** The platform's code for last_error; LEASE_EXPIRED if the lease expired without an outcome. */
          error_code: string | null;
          /** When the lease expires; until then no other claim returns the entry. */
          leased_until: string | null;
          /** The claim that leased the entry; null once its outcome was reported. */
          lease_id: string | null;
          /** True: upload the entry in a request of its own, since a request with others was rejected in part without saying which. */
          send_alone: boolean | null;
        };
        ComputedFields: never;
        Insert: {
          /** Primary key. */
          id?: string;
          /** The conversion to upload, a row of conversions. */
          conversion_id: string;
          /** Where to upload to. */
          platform?: string;
          /** pending, uploaded, failed (will be retried) or dead_letter (will not be retried). */
          status?: QueueStatus;
          /** Failed attempts; at most max_retries. */
          retry_count?: number;
          /** Failed attempts after which the entry becomes a dead letter. */
          max_retries?: number;
          /** End of the backoff after a reported failure. Null where there is none: no failure was reported since the entry was created or requeued, or it is uploaded or a dead letter. */
          next_retry_at?: string | null;
          /** Error of the last failed attempt. */
          last_error?: string | null;
          /** When the upload was reported as completed. */
          uploaded_at?: string | null;
          /** When the row was inserted. */
          created_at?: string;
          /** When the row was last changed. */
          updated_at?: string;
          /** Id of the upload request, for platforms that report its result later. */
          request_id?: string | null;
          /** The platform's code for last_error; LEASE_EXPIRED if the lease expired without an outcome. */
          error_code?: string | null;
          /** When the lease expires; until then no other claim returns the entry. */
          leased_until?: string | null;
          /** The claim that leased the entry; null once its outcome was reported. */
          lease_id?: string | null;
          /** True: upload the entry in a request of its own, since a request with others was rejected in part without saying which. */
          send_alone?: boolean | null;
        };
        Update: {
          id?: string;
          conversion_id?: string;
          platform?: string;
          status?: QueueStatus;
          retry_count?: number;
          max_retries?: number;
          next_retry_at?: string | null;
          last_error?: string | null;
          uploaded_at?: string | null;
          created_at?: string;
          updated_at?: string;
          request_id?: string | null;
          error_code?: string | null;
          leased_until?: string | null;
          lease_id?: string | null;
          send_alone?: boolean | null;
        };
        Relationships: [
          {
            foreignKeyName: 'conversion_queue_conversion_id_fkey';
            columns: ['conversion_id'];
            isOneToOne: false;
            referencedRelation: 'conversions';
            referencedColumns: ['id'];
          },
        ];
      };
      /** What a visitor did. */
      tracking_events: {
        Row: {
          /** Primary key. */
          id: string;
          /** The visitor, a row of visitors; null if the cookie id was unknown or the visitor was deleted. */
          visitor_id: string | null;
          /** What happened: page_view, generate_lead, form_start and the like. */
          event_name: string;
          /** Id shared with GA4 for deduplication. */
          event_id: string | null;
          /** Parameters of the event, a JSON object. */
          params: { [key: string]: Json | undefined } | null;
          /** Page on which it happened. */
          page_url: string | null;
          /** When the event happened. */
          created_at: string;
        };
        ComputedFields: never;
        Insert: {
          /** Primary key. */
          id?: string;
          /** The visitor, a row of visitors; null if the cookie id was unknown or the visitor was deleted. */
          visitor_id?: string | null;
          /** What happened: page_view, generate_lead, form_start and the like. */
          event_name: string;
          /** Id shared with GA4 for deduplication. */
          event_id?: string | null;
          /** Parameters of the event, a JSON object. */
          params?: { [key: string]: Json | undefined } | null;
          /** Page on which it happened. */
          page_url?: string | null;
          /** When the event happened. */
          created_at?: string;
        };
        Update: {
          id?: string;
          visitor_id?: string | null;
          event_name?: string;
          event_id?: string | null;
          params?: { [key: string]: Json | undefined } | null;
          page_url?: string | null;
          created_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'tracking_events_visitor_id_fkey';
            columns: ['visitor_id'];
            isOneToOne: false;
            referencedRelation: 'visitors';
            referencedColumns: ['id'];
          },
        ];
      };
      /** One row per upload request whose result the platform reports later. */
      upload_requests: {
        Row: {
          /** The platform that accepted the request. */
          platform: string;
          /** The platform's id of the request. */
          request_id: string;
          /** The uploaded entries of conversion_queue, in the order of the request's events. */
          entry_ids: string[];
          /** How many entries the request has. */
          entry_count: number;
          /** processing, succeeded, partially_succeeded, failed, or expired (no final result within a day). */
          status: UploadRequestStatus;
          /** How often the request was claimed for a check. */
          check_count: number;
          /** When the next check is due; while a check is leased, when its lease expires. Null unless processing. */
          next_check_at: string | null;
          /** The claim that leased the check; null once its result was reported. */
          lease_id: string | null;
          /** When the request was recorded. */
          accepted_at: string;
          /** When the final result was reported. */
          settled_at: string | null;
          /** How many entries the platform rejected; null until settled. */
          rejected_count: number | null;
        };
        ComputedFields: never;
        Insert: {
          /** The platform that accepted the request. */
          platform: string;
          /** The platform's id of the request. */
          request_id: string;
          /** The uploaded entries of conversion_queue, in the order of the request's events. */
          entry_ids: string[];
          /** How many entries the request has. */
          entry_count: number;
          /** processing, succeeded, partially_succeeded, failed, or expired (no final result within a day). */
          status?: UploadRequestStatus;
          /** How often the request was claimed for a check. */
          check_count?: number;
          /** When the next check is due; while a check is leased, when its lease expires. Null unless processing. */
          next_check_at?: string | null;
          /** The claim that leased the check; null once its result was reported. */
          lease_id?: string | null;
          /** When the request was recorded. */
          accepted_at?: string;
          /** When the final result was reported. */
          settled_at?: string | null;
          /** How many entries the platform rejected; null until settled. */
          rejected_count?: number | null;
        };
        Update: {
          platform?: string;
          request_id?: string;
          entry_ids?: string[];
          entry_count?: number;
          status?: UploadRequestStatus;
          check_count?: number;
          next_check_at?: string | null;
          lease_id?: string | null;
          accepted_at?: string;
          settled_at?: string | null;
          rejected_count?: number | null;
        };
        Relationships: [];
      };
      /** Placeholder leads table, created by conversion-tracking-schema where the application has none. */
      leads: {
        Row: {
          /** Primary key, referenced by conversions.lead_id. */
          id: string;
          /** When the row was inserted. */
          created_at: string;
        };
        ComputedFields: never;
        Insert: {
          /** Primary key, referenced by conversions.lead_id. */
          id?: string;
          /** When the row was inserted. */
          created_at?: string;
        };
        Update: {
          id?: string;
          created_at?: string;
        };
        Relationships: [];
      };
    };
    Views: { [_ in never]: never };
    Functions: {
      /** Records a lead's conversion and queues it for each platform, exactly once per idempotency key (crm_deal_id:conversion_type unless given). A repeated call returns the stored conversion, and queues it for platforms without an entry. gclid, and utm_* where none is given, are copied from the visitor with this cookie id. */
      record_conversion: {
        Args: {
          lead_id: string;
          conversion_type: ConversionType;
          crm_deal_id?: string | null;
          conversion_value?: number | null;
          conversion_currency?: string | null;
          idempotency_key?: string | null;
          gclid?: string | null;
          email_hash?: string | null;
          utm_source?: string | null;
          utm_medium?: string | null;
          utm_campaign?: string | null;
          converted_at?: string | null;
          consent_ad_user_data?: Consent | null;
          consent_ad_personalization?: Consent | null;
          visitor_id?: string | null;
          platforms?: string[];
          max_retries?: number;
        };
        Returns: {
          lead_id: string;
          conversion_type: ConversionType;
          crm_deal_id: string | null;
          conversion_value: number | null;
          conversion_currency: string | null;
          idempotency_key: string;
          gclid: string | null;
          email_hash: string | null;
          utm_source: string | null;
          utm_medium: string | null;
          utm_campaign: string | null;
          converted_at: string | null;
          consent_ad_user_data: Consent | null;
          consent_ad_personalization: Consent | null;
          id: string;
          is_new: boolean;
          created_at: string;
          updated_at: string;
        };
      };
      /** Claims the due entries of a platform, the oldest first, each with what its upload needs, and leases them: until the lease expires no other claim returns them. An entry whose lease expired without an outcome has had a failed attempt, and becomes a dead letter if that was its last. */
      claim_conversions: {
        Args: {
          platform?: string;
          limit?: number;
          lease?: string;
        };
        Returns: {
          id: string;
          conversion_id: string;
          lease_id: string;
          leased_until: string;
          retry_count: number;
          max_retries: number;
          lead_id: string;
          conversion_type: ConversionType;
          conversion_value: number | null;
          conversion_currency: string | null;
          converted_at: string;
          idempotency_key: string;
          crm_deal_id: string | null;
          gclid: string | null;
          email_hash: string | null;
          consent_ad_user_data: Consent | null;
          consent_ad_personalization: Consent | null;
          utm_source: string | null;
          utm_medium: string | null;
          utm_campaign: string | null;
          request_id: string | null;
          error_code: string | null;
          last_error: string | null;
          send_alone: boolean;
        }[];
      };
      /** Marks entries as uploaded. A completion is accepted even after the lease has expired, since the platform has the conversion. With a request_id the upload request is recorded as well, to be settled when the platform reports its result: pass all its entries in one call, in the order of the request's events. applied says whether this call changed the entry. */
      complete_conversions: {
        Args: {
          ids: string[];
          request_id?: string | null;
        };
        Returns: {
          id: string;
          status: QueueStatus;
          retry_count: number;
          next_retry_at: string | null;
          applied: boolean;
        }[];
      };
      /** Records a failed attempt of entries. They are retried at retry_at, or after a growing backoff, and become dead letters after the last attempt or if the failure is permanent. With the lease_id of the claim, a report that comes after another claim has leased the entry changes nothing; without it, the entry stays leased until its lease expires. applied says whether this call changed the entry. */
      fail_conversions: {
        Args: {
          ids: string[];
          error: string;
          retry_at?: string | null;
          permanent?: boolean;
          error_code?: string | null;
          lease_id: string;
        };
        Returns: {
          id: string;
          status: QueueStatus;
          retry_count: number;
          next_retry_at: string | null;
          applied: boolean;
        }[];
      };
      /** Makes dead letters pending again, with all their attempts, the oldest first. Filters by platform, ids and error_code, where null matches all; at most limit entries. */
      requeue_dead_letters: {
        Args: {
          platform?: string | null;
          ids?: string[] | null;
          error_code?: string | null;
          limit?: number;
        };
        Returns: {
          id: string;
          conversion_id: string;
        }[];
      };
      /** Claims the upload requests of a platform whose result is due to be checked, and leases them: until the lease expires no other claim returns them. Checks are due from 30 minutes to 24 hours after the request was recorded. A check without a report is repeated, until 48 hours after; then the request expires. */
      claim_upload_requests: {
        Args: {
          platform?: string;
          limit?: number;
          lease?: string;
        };
        Returns: {
          request_id: string;
          entry_ids: string[];
          check_count: number;
          accepted_at: string;
          lease_id: string;
          leased_until: string;
        }[];
      };
      /** Records the result of an upload request. status is processing, succeeded, partially_succeeded or failed. rejected is an array of objects with index (from 0) or id of an entry, outcome (complete, permanent, retry_later or retry), code and message: a rejected entry is retried or becomes a dead letter. Without index and id, count says how many were rejected; if it is unknown which, all entries not named are sent again, each in a request of its own. With the lease_id of the claim, processing that comes after another claim changes nothing. applied says whether this call changed the request. */
      settle_upload_request: {
        Args: {
          platform: string;
          request_id: string;
          status: 'processing' | 'succeeded' | 'partially_succeeded' | 'failed';
          rejected?: {
            index?: number | null;
            id?: string | null;
            outcome: 'complete' | 'permanent' | 'retry_later' | 'retry';
            code?: string | null;
            message?: string | null;
            count?: number | null;
          }[];
          lease_id?: string | null;
        };
        Returns: {
          platform: string;
          request_id: string;
          status: UploadRequestStatus;
          confirmed_count: number | null;
          rejected_count: number | null;
          applied: boolean;
        };
      };
      /** Returns one row per platform and status: the number of entries, the leased ones, those that are due and not leased (overdue), when the oldest of these became due, the uploaded entries whose request is still processed (unconfirmed), when the oldest such request was recorded, and the number of expired requests. Counts up to 10000 entries or requests of a kind: beyond that, entries is an estimate (estimated is true), and the other numbers are of the 10000 oldest. Uploaded entries are estimated if the platform has more than 10000 entries. */
      conversion_queue_health: {
        Args: {
          platform?: string | null;
        };
        Returns: {
          platform: string;
          status: QueueStatus;
          entries: number;
          estimated: boolean;
          leased: number;
          overdue: number;
          oldest_due: string | null;
          unconfirmed: number;
          oldest_unconfirmed: string | null;
          expired_requests: number;
        }[];
      };
      /** Records a batch of events, all or none, and returns their number. events is an array of objects with event_name and, where known, visitor_id (the cookie id), event_id, params, page_url and created_at. An event with an unknown cookie id is stored without a visitor. */
      record_events: {
        Args: {
          events: {
            event_name: string;
            visitor_id?: string | null;
            event_id?: string | null;
            params?: { [key: string]: Json | undefined } | null;
            page_url?: string | null;
            created_at?: string | null;
          }[];
        };
        Returns: number;
      };
      /** Creates or updates the visitor with this cookie id. Of a known visitor, last_seen_at advances, by less than a minute only if something else changes as well, and gclid becomes that of the latest click; other columns keep their first known value. The five utm columns are set together, from the first visit that has any. A visitor_id is cut to 512 characters; a gclid of more is ignored. */
      upsert_visitor: {
        Args: {
          visitor_id: string;
          gclid?: string | null;
          utm_source?: string | null;
          utm_medium?: string | null;
          utm_campaign?: string | null;
          utm_term?: string | null;
          utm_content?: string | null;
          ip_hash?: string | null;
          user_agent?: string | null;
          landing_page?: string | null;
          referrer?: string | null;
          seen_at?: string | null;
        };
        Returns: {
          visitor_id: string;
          gclid: string | null;
          utm_source: string | null;
          utm_medium: string | null;
          utm_campaign: string | null;
          utm_term: string | null;
          utm_content: string | null;
          ip_hash: string | null;
          user_agent: string | null;
          landing_page: string | null;
          referrer: string | null;
          id: string;
          is_new: boolean;
          first_seen_at: string;
          last_seen_at: string;
          created_at: string;
        };
      };
      /** Deletes events older than older_than. When none are left, deletes visitors not seen since then that no row references, and upload requests settled before then. Deletes at most limit rows: repeat until done is true. Conversions and leads are kept. */
      purge_tracking_data: {
        Args: {
          older_than: string;
          limit?: number;
        };
        Returns: {
          deleted_events: number;
          deleted_visitors: number;
          deleted_requests: number;
          done: boolean;
        }[];
      };
    };
    Enums: { [_ in never]: never };
    CompositeTypes: { [_ in never]: never };
  };
};
