// Generated: npm run generate.

import type { Consent, ConversionType, QueueStatus } from './rows.ts';

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
          /** Primary key; tracking_events.visitor_id refers to it. */
          id: string;
          /** The id kept in the browser's cookie. */
          visitor_id: string;
          /** Google Ads click id that the visitor arrived with. */
          gclid: string | null;
          /** utm_source of the first visit. */
          utm_source: string | null;
          /** utm_medium of the first visit. */
          utm_medium: string | null;
          /** utm_campaign of the first visit. */
          utm_campaign: string | null;
          /** utm_term of the first visit. */
          utm_term: string | null;
          /** utm_content of the first visit. */
          utm_content: string | null;
          /** SHA-256 of the IP address, best keyed (HMAC). Never the address itself. */
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
          /** Primary key; tracking_events.visitor_id refers to it. */
          id?: string;
          /** The id kept in the browser's cookie. */
          visitor_id: string;
          /** Google Ads click id that the visitor arrived with. */
          gclid?: string | null;
          /** utm_source of the first visit. */
          utm_source?: string | null;
          /** utm_medium of the first visit. */
          utm_medium?: string | null;
          /** utm_campaign of the first visit. */
          utm_campaign?: string | null;
          /** utm_term of the first visit. */
          utm_term?: string | null;
          /** utm_content of the first visit. */
          utm_content?: string | null;
          /** SHA-256 of the IP address, best keyed (HMAC). Never the address itself. */
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
          /** Primary key; conversion_queue.conversion_id refers to it. */
          id: string;
          /** The lead, a row of leads. */
          lead_id: string;
          /** What the CRM reported: qualified or closed. */
          conversion_type: ConversionType;
          /** Value of the conversion, if known. */
          conversion_value: number | null;
          /** Currency of the value, an ISO 4217 code. */
          conversion_currency: string | null;
          /** crm_deal_id:conversion_type. Keeps one row per reported conversion, and serves as the transaction id of the upload. */
          idempotency_key: string;
          /** The CRM's own id of the deal. */
          crm_deal_id: string | null;
          /** Google Ads click id, copied from the lead's visitor. */
          gclid: string | null;
          /** SHA-256 of the normalised e-mail address, for Enhanced Conversions. */
          email_hash: string | null;
          /** utm_source, copied from the lead's visitor. */
          utm_source: string | null;
          /** utm_medium, copied from the lead's visitor. */
          utm_medium: string | null;
          /** utm_campaign, copied from the lead's visitor. */
          utm_campaign: string | null;
          /** When the row was inserted. */
          created_at: string;
          /** When the row was last changed. */
          updated_at: string;
          /** When the lead was qualified or closed; null: when the row was inserted. */
          converted_at: string | null;
          /** Consent to send user data to Google for advertising: granted, denied or unknown. */
          consent_ad_user_data: Consent | null;
          /** Consent to personalised advertising: granted, denied or unknown. */
          consent_ad_personalization: Consent | null;
        };
        ComputedFields: never;
        Insert: {
          /** Primary key; conversion_queue.conversion_id refers to it. */
          id?: string;
          /** The lead, a row of leads. */
          lead_id: string;
          /** What the CRM reported: qualified or closed. */
          conversion_type: ConversionType;
          /** Value of the conversion, if known. */
          conversion_value?: number | null;
          /** Currency of the value, an ISO 4217 code. */
          conversion_currency?: string | null;
          /** crm_deal_id:conversion_type. Keeps one row per reported conversion, and serves as the transaction id of the upload. */
          idempotency_key: string;
          /** The CRM's own id of the deal. */
          crm_deal_id?: string | null;
          /** Google Ads click id, copied from the lead's visitor. */
          gclid?: string | null;
          /** SHA-256 of the normalised e-mail address, for Enhanced Conversions. */
          email_hash?: string | null;
          /** utm_source, copied from the lead's visitor. */
          utm_source?: string | null;
          /** utm_medium, copied from the lead's visitor. */
          utm_medium?: string | null;
          /** utm_campaign, copied from the lead's visitor. */
          utm_campaign?: string | null;
          /** When the row was inserted. */
          created_at?: string;
          /** When the row was last changed. */
          updated_at?: string;
          /** When the lead was qualified or closed; null: when the row was inserted. */
          converted_at?: string | null;
          /** Consent to send user data to Google for advertising: granted, denied or unknown. */
          consent_ad_user_data?: Consent | null;
          /** Consent to personalised advertising: granted, denied or unknown. */
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
          /** pending, uploaded, failed (to be tried again) or dead_letter (given up). */
          status: QueueStatus;
          /** Tries that failed; at most max_retries. */
          retry_count: number;
          /** Tries after which the entry becomes a dead letter. */
          max_retries: number;
          /** When the entry is due; null while pending and never tried. */
          next_retry_at: string | null;
          /** What the last failed try answered. */
          last_error: string | null;
          /** When the platform took the conversion. */
          uploaded_at: string | null;
          /** When the row was inserted. */
          created_at: string;
          /** When the row was last changed. */
          updated_at: string;
          /** By which the platform tells of the upload, if it answers later. */
          request_id: string | null;
          /** What the platform calls the error of the last failed try. */
          error_code: string | null;
          /** Until when the entry is out with a worker; nobody else gets it before. */
          leased_until: string | null;
          /** The claim that the entry is out with, until that one has answered. */
          lease_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          /** Primary key. */
          id?: string;
          /** The conversion to upload, a row of conversions. */
          conversion_id: string;
          /** Where to upload to. */
          platform?: string;
          /** pending, uploaded, failed (to be tried again) or dead_letter (given up). */
          status?: QueueStatus;
          /** Tries that failed; at most max_retries. */
          retry_count?: number;
          /** Tries after which the entry becomes a dead letter. */
          max_retries?: number;
          /** When the entry is due; null while pending and never tried. */
          next_retry_at?: string | null;
          /** What the last failed try answered. */
          last_error?: string | null;
          /** When the platform took the conversion. */
          uploaded_at?: string | null;
          /** When the row was inserted. */
          created_at?: string;
          /** When the row was last changed. */
          updated_at?: string;
          /** By which the platform tells of the upload, if it answers later. */
          request_id?: string | null;
          /** What the platform calls the error of the last failed try. */
          error_code?: string | null;
          /** Until when the entry is out with a worker; nobody else gets it before. */
          leased_until?: string | null;
          /** The claim that the entry is out with, until that one has answered. */
          lease_id?: string | null;
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
          /** The visitor, a row of visitors; null once that row is gone. */
          visitor_id: string | null;
          /** What happened: page_view, generate_lead, form_start and the like. */
          event_name: string;
          /** Shared with GA4, for deduplication. */
          event_id: string | null;
          /** Parameters of the event, a JSON object. */
          params: { [key: string]: Json | undefined } | null;
          /** Page on which it happened. */
          page_url: string | null;
          /** When the row was inserted. */
          created_at: string;
        };
        ComputedFields: never;
        Insert: {
          /** Primary key. */
          id?: string;
          /** The visitor, a row of visitors; null once that row is gone. */
          visitor_id?: string | null;
          /** What happened: page_view, generate_lead, form_start and the like. */
          event_name: string;
          /** Shared with GA4, for deduplication. */
          event_id?: string | null;
          /** Parameters of the event, a JSON object. */
          params?: { [key: string]: Json | undefined } | null;
          /** Page on which it happened. */
          page_url?: string | null;
          /** When the row was inserted. */
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
      /** Placeholder for the leads table of the application, made by conversion-tracking-schema. */
      leads: {
        Row: {
          /** Primary key; conversions.lead_id refers to it. */
          id: string;
          /** When the row was inserted. */
          created_at: string;
        };
        ComputedFields: never;
        Insert: {
          /** Primary key; conversions.lead_id refers to it. */
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
      /** Records a lead's conversion and queues it for each platform, once for its idempotency key (crm_deal_id:conversion_type unless given); a repeated call returns what is there, and queues for platforms that lack an entry. What is not given of gclid and utm_* is copied from the visitor of that cookie. */
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
      /** Takes the entries of a platform that are due, the oldest first, each with all that its upload needs, and leases them: no other call gets them before the lease has passed. An entry whose lease passed without an answer has been tried once more, and becomes a dead letter where that was its last try. */
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
        }[];
      };
      /** Marks entries as uploaded, once and for all, whoever has them out by now: an upload that the platform has taken is not taken back. applied says whether this call did it. */
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
      /** Counts a failed try of entries, to be tried again at retry_at, else after a growing wait; dead letters where it was the last try, or permanent. With the lease_id of its claim an answer that comes when another claim has the entry changes nothing; without it the entry stays out as long as it is leased. applied says whether the call counted. */
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
      /** Gives dead letters all their tries again: of a platform, with these ids, with this error code; null is any. The oldest first, as many as the limit says. */
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
      /** The queue at a glance, four rows for each platform: how many entries have a status; of those to be uploaded how many are out with a worker, how many are due and not out, and since when the oldest of these is due. entries is an estimate where estimated says so. */
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
        }[];
      };
      /** Records a batch of events, all of them or none, and returns how many: an array of objects with event_name, and as known visitor_id (that of the cookie), event_id, params, page_url, created_at. An event of a cookie that is not known is kept without its visitor. */
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
      /** Remembers a visit by the id in the cookie. Of a known visitor last_seen_at moves on, the click id of the latest click stays, and of everything else what was known first: the five utm values as one, the others each by itself. */
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
      /** Deletes events that are older, and once there are none left, visitors not seen since to whom nothing refers; at most as many rows as the limit says. Repeat it until done. Conversions and leads stay. */
      purge_tracking_data: {
        Args: {
          older_than: string;
          limit?: number;
        };
        Returns: {
          deleted_events: number;
          deleted_visitors: number;
          done: boolean;
        }[];
      };
    };
    Enums: { [_ in never]: never };
    CompositeTypes: { [_ in never]: never };
  };
};
