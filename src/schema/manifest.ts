import type { ManifestStep } from './catalogue.ts';

/** What each migration changes in the schema, as a server describes it. Generated: npm run generate. */
export const MANIFEST: readonly ManifestStep[] = [
  {
    migration: '20261128100000000_require-leads',
    adds: {
      tables: {
        leads: {
          comment:
            'Placeholder leads table, created by conversion-tracking-schema where the application has none.',
          traits: [],
          rowSecurity: true,
          forcedRowSecurity: false,
          policies: [],
          grants: {
            service_role: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
          },
          ownerLacks: [],
          typeGrants: {},
          columns: {
            id: {
              type: 'uuid',
              notNull: true,
              default: 'gen_random_uuid()',
              comment: 'Primary key, referenced by conversions.lead_id.',
              position: 1,
              grants: {},
            },
            created_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was inserted.',
              position: 2,
              grants: {},
            },
          },
          sequences: {},
          constraints: {
            leads_pkey: {
              definition: 'PRIMARY KEY (id)',
              columns: ['id'],
              disabled: [],
              comment: null,
            },
          },
          indexes: {
            leads_pkey: {
              columns: ['id'],
              unique: true,
              definition: 'btree (id)',
              predicate: null,
              valid: true,
              constraint: 'leads_pkey',
            },
          },
          triggers: {},
        },
      },
      migrationsTable: {
        comment: null,
        traits: [],
        rowSecurity: true,
        forcedRowSecurity: false,
        policies: [],
        grants: {
          service_role: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
        },
        ownerLacks: [],
        typeGrants: {},
        columns: {
          id: {
            type: 'integer',
            notNull: true,
            default: 'serial',
            comment: null,
            position: 1,
            grants: {},
          },
          name: {
            type: 'character varying(255)',
            notNull: true,
            default: null,
            comment: null,
            position: 2,
            grants: {},
          },
          run_on: {
            type: 'timestamp without time zone',
            notNull: true,
            default: null,
            comment: null,
            position: 3,
            grants: {},
          },
        },
        sequences: {
          id: {
            grants: {},
            ownerLacks: [],
          },
        },
        constraints: {
          'PRIMARY KEY': {
            definition: 'PRIMARY KEY (id)',
            columns: ['id'],
            disabled: [],
            comment: null,
          },
        },
        indexes: {
          'PRIMARY KEY': {
            columns: ['id'],
            unique: true,
            definition: 'btree (id)',
            predicate: null,
            valid: true,
            constraint: 'PRIMARY KEY',
          },
        },
        triggers: {},
      },
    },
  },
  {
    migration: '20261128100100000_create-visitors',
    adds: {
      tables: {
        visitors: {
          comment: 'One row per browser.',
          traits: [],
          rowSecurity: true,
          forcedRowSecurity: false,
          policies: [],
          grants: {
            service_role: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
          },
          ownerLacks: [],
          typeGrants: {},
          columns: {
            id: {
              type: 'uuid',
              notNull: true,
              default: 'gen_random_uuid()',
              comment: 'Primary key, referenced by tracking_events.visitor_id.',
              position: 1,
              grants: {},
            },
            visitor_id: {
              type: 'text',
              notNull: true,
              default: null,
              comment: "The id kept in the browser's cookie.",
              position: 2,
              grants: {},
            },
            gclid: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'Google Ads click id of the latest click.',
              position: 3,
              grants: {},
            },
            utm_source: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'utm_source of the first visit that had any utm value.',
              position: 4,
              grants: {},
            },
            utm_medium: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'utm_medium of the first visit that had any utm value.',
              position: 5,
              grants: {},
            },
            utm_campaign: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'utm_campaign of the first visit that had any utm value.',
              position: 6,
              grants: {},
            },
            utm_term: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'utm_term of the first visit that had any utm value.',
              position: 7,
              grants: {},
            },
            utm_content: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'utm_content of the first visit that had any utm value.',
              position: 8,
              grants: {},
            },
            ip_hash: {
              type: 'text',
              notNull: false,
              default: null,
              comment:
                'SHA-256 of the IP address, preferably keyed (HMAC). Never the address itself.',
              position: 9,
              grants: {},
            },
            user_agent: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'User-Agent header.',
              position: 10,
              grants: {},
            },
            landing_page: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'First page visited.',
              position: 11,
              grants: {},
            },
            referrer: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'HTTP referrer.',
              position: 12,
              grants: {},
            },
            first_seen_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the visitor was first seen.',
              position: 13,
              grants: {},
            },
            last_seen_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the visitor was last seen.',
              position: 14,
              grants: {},
            },
            created_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was inserted.',
              position: 15,
              grants: {},
            },
          },
          sequences: {},
          constraints: {
            idx_visitors_visitor_id: {
              definition: 'UNIQUE (visitor_id)',
              columns: ['visitor_id'],
              disabled: [],
              comment: null,
            },
            visitors_pkey: {
              definition: 'PRIMARY KEY (id)',
              columns: ['id'],
              disabled: [],
              comment: null,
            },
          },
          indexes: {
            idx_visitors_gclid: {
              columns: ['gclid'],
              unique: false,
              definition: 'btree (gclid) WHERE (gclid IS NOT NULL)',
              predicate: '(gclid IS NOT NULL)',
              valid: true,
              constraint: null,
            },
            idx_visitors_last_seen_at: {
              columns: ['last_seen_at'],
              unique: false,
              definition: 'btree (last_seen_at)',
              predicate: null,
              valid: true,
              constraint: null,
            },
            idx_visitors_visitor_id: {
              columns: ['visitor_id'],
              unique: true,
              definition: 'btree (visitor_id)',
              predicate: null,
              valid: true,
              constraint: 'idx_visitors_visitor_id',
            },
            visitors_pkey: {
              columns: ['id'],
              unique: true,
              definition: 'btree (id)',
              predicate: null,
              valid: true,
              constraint: 'visitors_pkey',
            },
          },
          triggers: {},
        },
      },
    },
  },
  {
    migration: '20261128100200000_create-conversions',
    adds: {
      tables: {
        conversions: {
          comment: 'One row per qualified or closed lead.',
          traits: [],
          rowSecurity: true,
          forcedRowSecurity: false,
          policies: [],
          grants: {
            service_role: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
          },
          ownerLacks: [],
          typeGrants: {},
          columns: {
            id: {
              type: 'uuid',
              notNull: true,
              default: 'gen_random_uuid()',
              comment: 'Primary key, referenced by conversion_queue.conversion_id.',
              position: 1,
              grants: {},
            },
            lead_id: {
              type: 'uuid',
              notNull: true,
              default: null,
              comment: 'The lead, a row of leads.',
              position: 2,
              grants: {},
            },
            conversion_type: {
              type: 'text',
              notNull: true,
              default: null,
              comment: 'What the CRM reported: qualified or closed.',
              position: 3,
              grants: {},
            },
            conversion_value: {
              type: 'numeric(10,2)',
              notNull: false,
              default: null,
              comment: 'Value of the conversion; null: unknown.',
              position: 4,
              grants: {},
            },
            conversion_currency: {
              type: 'text',
              notNull: false,
              default: "'EUR'::text",
              comment: 'Currency of the value, an ISO 4217 code.',
              position: 5,
              grants: {},
            },
            idempotency_key: {
              type: 'text',
              notNull: true,
              default: null,
              comment:
                'Identifies the reported conversion, once: crm_deal_id:conversion_type, or a key of your own where crm_deal_id is null. The transaction id of the upload.',
              position: 6,
              grants: {},
            },
            crm_deal_id: {
              type: 'text',
              notNull: false,
              default: null,
              comment: "The CRM's own id of the deal.",
              position: 7,
              grants: {},
            },
            gclid: {
              type: 'text',
              notNull: false,
              default: null,
              comment: "Google Ads click id, given or copied from the lead's visitor.",
              position: 8,
              grants: {},
            },
            email_hash: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'SHA-256 of the normalised e-mail address, for Enhanced Conversions.',
              position: 9,
              grants: {},
            },
            utm_source: {
              type: 'text',
              notNull: false,
              default: null,
              comment: "utm_source, given or copied from the lead's visitor.",
              position: 10,
              grants: {},
            },
            utm_medium: {
              type: 'text',
              notNull: false,
              default: null,
              comment: "utm_medium, given or copied from the lead's visitor.",
              position: 11,
              grants: {},
            },
            utm_campaign: {
              type: 'text',
              notNull: false,
              default: null,
              comment: "utm_campaign, given or copied from the lead's visitor.",
              position: 12,
              grants: {},
            },
            created_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was inserted.',
              position: 13,
              grants: {},
            },
            updated_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was last changed.',
              position: 14,
              grants: {},
            },
          },
          sequences: {},
          constraints: {
            conversions_conversion_type_check: {
              definition:
                "CHECK ((conversion_type = ANY (ARRAY['qualified'::text, 'closed'::text])))",
              columns: ['conversion_type'],
              disabled: [],
              comment: null,
            },
            conversions_lead_id_fkey: {
              definition: 'FOREIGN KEY (lead_id) REFERENCES {leads}(id) ON DELETE CASCADE',
              columns: ['lead_id'],
              disabled: [],
              comment: null,
            },
            conversions_pkey: {
              definition: 'PRIMARY KEY (id)',
              columns: ['id'],
              disabled: [],
              comment: null,
            },
            idx_conversions_idempotency_key: {
              definition: 'UNIQUE (idempotency_key)',
              columns: ['idempotency_key'],
              disabled: [],
              comment: null,
            },
          },
          indexes: {
            conversions_pkey: {
              columns: ['id'],
              unique: true,
              definition: 'btree (id)',
              predicate: null,
              valid: true,
              constraint: 'conversions_pkey',
            },
            idx_conversions_created_at: {
              columns: ['created_at'],
              unique: false,
              definition: 'btree (created_at)',
              predicate: null,
              valid: true,
              constraint: null,
            },
            idx_conversions_idempotency_key: {
              columns: ['idempotency_key'],
              unique: true,
              definition: 'btree (idempotency_key)',
              predicate: null,
              valid: true,
              constraint: 'idx_conversions_idempotency_key',
            },
            idx_conversions_lead_id: {
              columns: ['lead_id'],
              unique: false,
              definition: 'btree (lead_id)',
              predicate: null,
              valid: true,
              constraint: null,
            },
            idx_conversions_type: {
              columns: ['conversion_type'],
              unique: false,
              definition: 'btree (conversion_type)',
              predicate: null,
              valid: true,
              constraint: null,
            },
          },
          triggers: {},
        },
      },
    },
  },
  {
    migration: '20261128100300000_create-conversion-queue',
    adds: {
      tables: {
        conversion_queue: {
          comment: 'One row per conversion and platform to upload to.',
          traits: [],
          rowSecurity: true,
          forcedRowSecurity: false,
          policies: [],
          grants: {
            service_role: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
          },
          ownerLacks: [],
          typeGrants: {},
          columns: {
            id: {
              type: 'uuid',
              notNull: true,
              default: 'gen_random_uuid()',
              comment: 'Primary key.',
              position: 1,
              grants: {},
            },
            conversion_id: {
              type: 'uuid',
              notNull: true,
              default: null,
              comment: 'The conversion to upload, a row of conversions.',
              position: 2,
              grants: {},
            },
            platform: {
              type: 'text',
              notNull: true,
              default: "'google_ads'::text",
              comment: 'Where to upload to.',
              position: 3,
              grants: {},
            },
            status: {
              type: 'text',
              notNull: true,
              default: "'pending'::text",
              comment:
                'pending, uploaded, failed (will be retried) or dead_letter (will not be retried).',
              position: 4,
              grants: {},
            },
            retry_count: {
              type: 'integer',
              notNull: true,
              default: '0',
              comment: 'Failed attempts; at most max_retries.',
              position: 5,
              grants: {},
            },
            max_retries: {
              type: 'integer',
              notNull: true,
              default: '5',
              comment: 'Failed attempts after which the entry becomes a dead letter.',
              position: 6,
              grants: {},
            },
            next_retry_at: {
              type: 'timestamp with time zone',
              notNull: false,
              default: null,
              comment:
                'End of the backoff after a reported failure. Null where there is none: no failure was reported since the entry was created or requeued, or it is uploaded or a dead letter.',
              position: 7,
              grants: {},
            },
            last_error: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'Error of the last failed attempt.',
              position: 8,
              grants: {},
            },
            uploaded_at: {
              type: 'timestamp with time zone',
              notNull: false,
              default: null,
              comment: 'When the upload was reported as completed.',
              position: 9,
              grants: {},
            },
            created_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was inserted.',
              position: 10,
              grants: {},
            },
            updated_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was last changed.',
              position: 11,
              grants: {},
            },
          },
          sequences: {},
          constraints: {
            conversion_queue_conversion_id_fkey: {
              definition:
                'FOREIGN KEY (conversion_id) REFERENCES {schema}.conversions(id) ON DELETE CASCADE',
              columns: ['conversion_id'],
              disabled: [],
              comment: null,
            },
            conversion_queue_pkey: {
              definition: 'PRIMARY KEY (id)',
              columns: ['id'],
              disabled: [],
              comment: null,
            },
            conversion_queue_status_check: {
              definition:
                "CHECK ((status = ANY (ARRAY['pending'::text, 'uploaded'::text, 'failed'::text, 'dead_letter'::text])))",
              columns: ['status'],
              disabled: [],
              comment: null,
            },
          },
          indexes: {
            conversion_queue_pkey: {
              columns: ['id'],
              unique: true,
              definition: 'btree (id)',
              predicate: null,
              valid: true,
              constraint: 'conversion_queue_pkey',
            },
            idx_queue_conversion_id: {
              columns: ['conversion_id'],
              unique: false,
              definition: 'btree (conversion_id)',
              predicate: null,
              valid: true,
              constraint: null,
            },
            idx_queue_platform: {
              columns: ['platform'],
              unique: false,
              definition: 'btree (platform)',
              predicate: null,
              valid: true,
              constraint: null,
            },
            idx_queue_status_next_retry: {
              columns: ['status', 'next_retry_at'],
              unique: false,
              definition:
                "btree (status, next_retry_at) WHERE (status = ANY (ARRAY['pending'::text, 'failed'::text]))",
              predicate: "(status = ANY (ARRAY['pending'::text, 'failed'::text]))",
              valid: true,
              constraint: null,
            },
          },
          triggers: {},
        },
      },
    },
  },
  {
    migration: '20261128100400000_create-tracking-events',
    adds: {
      tables: {
        tracking_events: {
          comment: 'What a visitor did.',
          traits: [],
          rowSecurity: true,
          forcedRowSecurity: false,
          policies: [],
          grants: {
            service_role: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
          },
          ownerLacks: [],
          typeGrants: {},
          columns: {
            id: {
              type: 'uuid',
              notNull: true,
              default: 'gen_random_uuid()',
              comment: 'Primary key.',
              position: 1,
              grants: {},
            },
            visitor_id: {
              type: 'uuid',
              notNull: false,
              default: null,
              comment:
                'The visitor, a row of visitors; null if the cookie id was unknown or the visitor was deleted.',
              position: 2,
              grants: {},
            },
            event_name: {
              type: 'text',
              notNull: true,
              default: null,
              comment: 'What happened: page_view, generate_lead, form_start and the like.',
              position: 3,
              grants: {},
            },
            event_id: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'Id shared with GA4 for deduplication.',
              position: 4,
              grants: {},
            },
            params: {
              type: 'jsonb',
              notNull: false,
              default: "'{}'::jsonb",
              comment: 'Parameters of the event, a JSON object.',
              position: 5,
              grants: {},
            },
            page_url: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'Page on which it happened.',
              position: 6,
              grants: {},
            },
            created_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the event happened.',
              position: 7,
              grants: {},
            },
          },
          sequences: {},
          constraints: {
            tracking_events_pkey: {
              definition: 'PRIMARY KEY (id)',
              columns: ['id'],
              disabled: [],
              comment: null,
            },
            tracking_events_visitor_id_fkey: {
              definition:
                'FOREIGN KEY (visitor_id) REFERENCES {schema}.visitors(id) ON DELETE SET NULL',
              columns: ['visitor_id'],
              disabled: [],
              comment: null,
            },
          },
          indexes: {
            idx_tracking_events_created_at: {
              columns: ['created_at'],
              unique: false,
              definition: 'btree (created_at)',
              predicate: null,
              valid: true,
              constraint: null,
            },
            idx_tracking_events_event_name: {
              columns: ['event_name'],
              unique: false,
              definition: 'btree (event_name)',
              predicate: null,
              valid: true,
              constraint: null,
            },
            idx_tracking_events_visitor_id: {
              columns: ['visitor_id'],
              unique: false,
              definition: 'btree (visitor_id)',
              predicate: null,
              valid: true,
              constraint: null,
            },
            tracking_events_pkey: {
              columns: ['id'],
              unique: true,
              definition: 'btree (id)',
              predicate: null,
              valid: true,
              constraint: 'tracking_events_pkey',
            },
          },
          triggers: {},
        },
      },
    },
  },
  {
    migration: '20261128100500000_extend-tables',
    adds: {
      tables: {
        conversion_queue: {
          columns: {
            request_id: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'Id of the upload request, for platforms that report its result later.',
              position: 12,
              grants: {},
            },
            error_code: {
              type: 'text',
              notNull: false,
              default: null,
              comment:
                "The platform's code for last_error; LEASE_EXPIRED if the lease expired without an outcome.",
              position: 13,
              grants: {},
            },
            leased_until: {
              type: 'timestamp with time zone',
              notNull: false,
              default: null,
              comment: 'When the lease expires; until then no other claim returns the entry.',
              position: 14,
              grants: {},
            },
            lease_id: {
              type: 'uuid',
              notNull: false,
              default: null,
              comment: 'The claim that leased the entry; null once its outcome was reported.',
              position: 15,
              grants: {},
            },
            send_alone: {
              type: 'boolean',
              notNull: false,
              default: null,
              comment:
                'True: upload the entry in a request of its own, since a request with others was rejected in part without saying which.',
              position: 16,
              grants: {},
            },
          },
          constraints: {
            conversion_queue_retry_count_check: {
              definition: 'CHECK (((retry_count >= 0) AND (retry_count <= max_retries)))',
              columns: ['max_retries', 'retry_count'],
              disabled: [],
              comment: 'An entry has at most max_retries failed attempts.',
            },
          },
          indexes: {
            idx_queue_dead_letter: {
              columns: ['platform', 'created_at'],
              unique: false,
              definition: "btree (platform, created_at) WHERE (status = 'dead_letter'::text)",
              predicate: "(status = 'dead_letter'::text)",
              valid: true,
              constraint: null,
            },
            idx_queue_due: {
              columns: ['platform', 'COALESCE(next_retry_at, created_at)'],
              unique: false,
              definition:
                "btree (platform, COALESCE(next_retry_at, created_at)) WHERE (status = ANY (ARRAY['pending'::text, 'failed'::text]))",
              predicate: "(status = ANY (ARRAY['pending'::text, 'failed'::text]))",
              valid: true,
              constraint: null,
            },
          },
        },
        conversions: {
          columns: {
            converted_at: {
              type: 'timestamp with time zone',
              notNull: false,
              default: null,
              comment: 'When the lead was qualified or closed; null: at created_at.',
              position: 15,
              grants: {},
            },
            consent_ad_user_data: {
              type: 'text',
              notNull: false,
              default: null,
              comment:
                'Consent to send user data to Google for advertising: granted or denied; null: unknown.',
              position: 16,
              grants: {},
            },
            consent_ad_personalization: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'Consent to personalized advertising: granted or denied; null: unknown.',
              position: 17,
              grants: {},
            },
          },
          constraints: {
            conversions_consent_ad_personalization_check: {
              definition:
                "CHECK ((consent_ad_personalization = ANY (ARRAY['granted'::text, 'denied'::text])))",
              columns: ['consent_ad_personalization'],
              disabled: [],
              comment: 'Null means unknown.',
            },
            conversions_consent_ad_user_data_check: {
              definition:
                "CHECK ((consent_ad_user_data = ANY (ARRAY['granted'::text, 'denied'::text])))",
              columns: ['consent_ad_user_data'],
              disabled: [],
              comment: 'Null means unknown.',
            },
            conversions_conversion_currency_check: {
              definition: "CHECK ((conversion_currency ~ '^[A-Z]{3}$'::text))",
              columns: ['conversion_currency'],
              disabled: [],
              comment: 'An ISO 4217 code has three capital letters.',
            },
            conversions_idempotency_key_check: {
              definition:
                "CHECK ((idempotency_key = ((crm_deal_id || ':'::text) || conversion_type)))",
              columns: ['conversion_type', 'crm_deal_id', 'idempotency_key'],
              disabled: [],
              comment: 'The key is derived from crm_deal_id where that is known.',
            },
          },
        },
        tracking_events: {
          constraints: {
            tracking_events_params_check: {
              definition: "CHECK ((jsonb_typeof(params) = 'object'::text))",
              columns: ['params'],
              disabled: [],
              comment: 'Parameters are a JSON object.',
            },
          },
        },
        visitors: {
          constraints: {
            visitors_ip_hash_check: {
              definition:
                "CHECK ((NOT (((strpos(ip_hash, '.'::text) > 0) OR (strpos(ip_hash, ':'::text) > 0)) AND (ip_hash ~ '(^|[^0-9A-Za-z./+$_-])/*[0-9]{1,3}([.][0-9]{1,3}){3}[.]?($|[^0-9A-Za-z.+$])|(^|[^0-9A-Za-z./+$_:-])/*(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){6}[0-9]{1,3}([.][0-9]{1,3}){3}|([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?::(([0-9A-Fa-f]{1,4}:){0,6}([0-9A-Fa-f]{1,4}|[0-9]{1,3}([.][0-9]{1,3}){3}))?)(:[0-9]{1,5})?($|[^0-9A-Za-z.+$:])'::text))))",
              columns: ['ip_hash'],
              disabled: [],
              comment: 'Refuses a raw IPv4 or IPv6 address.',
            },
          },
        },
      },
    },
  },
  {
    migration: '20261128100600000_create-upload-requests',
    adds: {
      tables: {
        upload_requests: {
          comment: 'One row per upload request whose result the platform reports later.',
          traits: [],
          rowSecurity: true,
          forcedRowSecurity: false,
          policies: [],
          grants: {
            service_role: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
          },
          ownerLacks: [],
          typeGrants: {},
          columns: {
            platform: {
              type: 'text',
              notNull: true,
              default: null,
              comment: 'The platform that accepted the request.',
              position: 1,
              grants: {},
            },
            request_id: {
              type: 'text',
              notNull: true,
              default: null,
              comment: "The platform's id of the request.",
              position: 2,
              grants: {},
            },
            entry_ids: {
              type: 'uuid[]',
              notNull: true,
              default: null,
              comment:
                "The uploaded entries of conversion_queue, in the order of the request's events.",
              position: 3,
              grants: {},
            },
            entry_count: {
              type: 'integer',
              notNull: true,
              default: null,
              comment: 'How many entries the request has.',
              position: 4,
              grants: {},
            },
            status: {
              type: 'text',
              notNull: true,
              default: "'processing'::text",
              comment:
                'processing, succeeded, partially_succeeded, failed, or expired (no final result within a day).',
              position: 5,
              grants: {},
            },
            check_count: {
              type: 'integer',
              notNull: true,
              default: '0',
              comment: 'How often the request was claimed for a check.',
              position: 6,
              grants: {},
            },
            next_check_at: {
              type: 'timestamp with time zone',
              notNull: false,
              default: null,
              comment:
                'When the next check is due; while a check is leased, when its lease expires. Null unless processing.',
              position: 7,
              grants: {},
            },
            lease_id: {
              type: 'uuid',
              notNull: false,
              default: null,
              comment: 'The claim that leased the check; null once its result was reported.',
              position: 8,
              grants: {},
            },
            accepted_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the request was recorded.',
              position: 9,
              grants: {},
            },
            settled_at: {
              type: 'timestamp with time zone',
              notNull: false,
              default: null,
              comment: 'When the final result was reported.',
              position: 10,
              grants: {},
            },
            rejected_count: {
              type: 'integer',
              notNull: false,
              default: null,
              comment: 'How many entries the platform rejected; null until settled.',
              position: 11,
              grants: {},
            },
          },
          sequences: {},
          constraints: {
            upload_requests_next_check_at_check: {
              definition: "CHECK (((next_check_at IS NOT NULL) = (status = 'processing'::text)))",
              columns: ['next_check_at', 'status'],
              disabled: [],
              comment: 'Requests are checked while they are processed.',
            },
            upload_requests_pkey: {
              definition: 'PRIMARY KEY (request_id, platform)',
              columns: ['platform', 'request_id'],
              disabled: [],
              comment: null,
            },
            upload_requests_settled_at_check: {
              definition:
                "CHECK (((settled_at IS NULL) = (status = ANY (ARRAY['processing'::text, 'expired'::text]))))",
              columns: ['settled_at', 'status'],
              disabled: [],
              comment: 'A request is settled by the final result of the platform.',
            },
            upload_requests_status_check: {
              definition:
                "CHECK ((status = ANY (ARRAY['processing'::text, 'succeeded'::text, 'partially_succeeded'::text, 'failed'::text, 'expired'::text])))",
              columns: ['status'],
              disabled: [],
              comment: null,
            },
          },
          indexes: {
            idx_upload_requests_due: {
              columns: ['platform', 'next_check_at'],
              unique: false,
              definition: "btree (platform, next_check_at) WHERE (status = 'processing'::text)",
              predicate: "(status = 'processing'::text)",
              valid: true,
              constraint: null,
            },
            idx_upload_requests_open: {
              columns: ['platform', 'status', 'accepted_at'],
              unique: false,
              definition:
                "btree (platform, status, accepted_at) WHERE (status = ANY (ARRAY['processing'::text, 'expired'::text]))",
              predicate: "(status = ANY (ARRAY['processing'::text, 'expired'::text]))",
              valid: true,
              constraint: null,
            },
            idx_upload_requests_settled_at: {
              columns: ['settled_at'],
              unique: false,
              definition: 'btree (settled_at) WHERE (settled_at IS NOT NULL)',
              predicate: '(settled_at IS NOT NULL)',
              valid: true,
              constraint: null,
            },
            upload_requests_pkey: {
              columns: ['request_id', 'platform'],
              unique: true,
              definition: 'btree (request_id, platform)',
              predicate: null,
              valid: true,
              constraint: 'upload_requests_pkey',
            },
          },
          triggers: {},
        },
      },
    },
  },
  {
    migration: '20261128100700000_create-updated-at-triggers',
    adds: {
      tables: {
        conversion_queue: {
          triggers: {
            conversion_queue_set_updated_at: {
              definition:
                'CREATE TRIGGER conversion_queue_set_updated_at BEFORE UPDATE ON {table} FOR EACH ROW WHEN ((new.updated_at IS DISTINCT FROM now())) EXECUTE FUNCTION {schema}.tracking_set_updated_at()',
              enabled: true,
              comment: 'Sets updated_at when a row changes.',
            },
          },
        },
        conversions: {
          triggers: {
            conversions_set_updated_at: {
              definition:
                'CREATE TRIGGER conversions_set_updated_at BEFORE UPDATE ON {table} FOR EACH ROW WHEN ((new.updated_at IS DISTINCT FROM now())) EXECUTE FUNCTION {schema}.tracking_set_updated_at()',
              enabled: true,
              comment: 'Sets updated_at when a row changes.',
            },
          },
        },
      },
      functions: {
        'tracking_set_updated_at()': {
          head: "CREATE OR REPLACE FUNCTION {schema}.tracking_set_updated_at()\n RETURNS trigger\n LANGUAGE plpgsql\n SET search_path TO 'pg_catalog', 'pg_temp'\n",
          body: '\nBEGIN\n  IF NEW *<> OLD THEN\n    NEW.updated_at := now();\n  END IF;\n  RETURN NEW;\nEND\n',
          comment:
            'Trigger function: sets updated_at to the time of the transaction if the row changes.',
          grants: {},
          ownerLacks: [],
        },
      },
    },
  },
  {
    migration: '20261128100800000_create-record-conversion',
    adds: {
      functions: {
        'record_conversion(uuid, text, text, numeric, text, text, text, text, text, text, text, timestamp with time zone, text, text, text, text[], integer)':
          {
            head: "CREATE OR REPLACE FUNCTION {schema}.record_conversion(INOUT lead_id uuid, INOUT conversion_type text, INOUT crm_deal_id text DEFAULT NULL::text, INOUT conversion_value numeric DEFAULT NULL::numeric, INOUT conversion_currency text DEFAULT 'EUR'::text, INOUT idempotency_key text DEFAULT NULL::text, INOUT gclid text DEFAULT NULL::text, INOUT email_hash text DEFAULT NULL::text, INOUT utm_source text DEFAULT NULL::text, INOUT utm_medium text DEFAULT NULL::text, INOUT utm_campaign text DEFAULT NULL::text, INOUT converted_at timestamp with time zone DEFAULT NULL::timestamp with time zone, INOUT consent_ad_user_data text DEFAULT NULL::text, INOUT consent_ad_personalization text DEFAULT NULL::text, visitor_id text DEFAULT NULL::text, platforms text[] DEFAULT ARRAY['google_ads'::text], max_retries integer DEFAULT 5, OUT id uuid, OUT is_new boolean, OUT created_at timestamp with time zone, OUT updated_at timestamp with time zone)\n RETURNS record\n LANGUAGE plpgsql\n SET search_path TO 'pg_catalog', 'pg_temp'\n",
            body: "\n#variable_conflict use_variable\nDECLARE\n  key CONSTANT text := coalesce(\n    record_conversion.idempotency_key,\n    record_conversion.crm_deal_id || ':' || record_conversion.conversion_type);\n  conversion {schema}.conversions%ROWTYPE;\n  visitor {schema}.visitors%ROWTYPE;\n  incomplete boolean := true; -- lacks the entry of a platform\n  violated text;\n  refusal text := CASE\n    WHEN record_conversion.lead_id IS NULL THEN\n      'lead_id is missing.'\n    WHEN (record_conversion.conversion_type IN ('qualified', 'closed')) IS NOT TRUE THEN\n      format('conversion_type is %L and must be qualified or closed.', left(record_conversion.conversion_type, 80))\n    WHEN record_conversion.crm_deal_id = '' THEN\n      'crm_deal_id is empty.'\n    WHEN key IS NULL THEN\n      'crm_deal_id and idempotency_key are both missing.'\n    WHEN key <> record_conversion.crm_deal_id || ':' || record_conversion.conversion_type THEN\n      format('idempotency_key is %L and must be crm_deal_id:conversion_type, %L.',\n        left(key, 80), left(record_conversion.crm_deal_id || ':' || record_conversion.conversion_type, 80))\n    WHEN key = '' THEN\n      'idempotency_key is empty.'\n    WHEN length(key) > 512 THEN\n      format('idempotency_key has %s characters and may have at most 512.', length(key))\n    WHEN record_conversion.email_hash LIKE '%@%' THEN\n      'email_hash is an e-mail address and must be the hash of one.'\n    WHEN length(record_conversion.email_hash) NOT IN (0, 43, 44, 64) OR strpos(record_conversion.email_hash, ' ') > 0 THEN\n      'email_hash is no SHA-256 and must be one: 64 hex digits, or 43 or 44 characters of Base64.'\n    WHEN record_conversion.conversion_value = 'NaN' THEN\n      'conversion_value is not a number.'\n    WHEN abs(record_conversion.conversion_value) >= 99999999.995 THEN\n      format('conversion_value is %s and may have at most eight digits before the decimal point.', left(record_conversion.conversion_value::text, 80))\n    WHEN record_conversion.conversion_currency !~ '^[A-Z]{3}$' THEN\n      format('conversion_currency is %L and must be an ISO 4217 code such as EUR.', left(record_conversion.conversion_currency, 80))\n    WHEN record_conversion.consent_ad_user_data NOT IN ('granted', 'denied') THEN\n      format('consent_ad_user_data is %L and must be granted, denied or null.', left(record_conversion.consent_ad_user_data, 80))\n    WHEN record_conversion.consent_ad_personalization NOT IN ('granted', 'denied') THEN\n      format('consent_ad_personalization is %L and must be granted, denied or null.', left(record_conversion.consent_ad_personalization, 80))\n    WHEN NOT isfinite(record_conversion.converted_at) THEN\n      'converted_at is not a finite time.'\n    WHEN platforms IS NULL OR array_ndims(platforms) > 1 OR array_position(platforms, NULL) IS NOT NULL OR '' = ANY (platforms) THEN\n      'platforms must be an array of platform names; an empty array queues nothing.'\n    WHEN cardinality(platforms) > 100 OR length(array_to_string(platforms, '')) > 512 THEN\n      format('platforms has %s names of %s characters and may have at most 100 names of 512 characters in total.',\n        cardinality(platforms), length(array_to_string(platforms, '')))\n    WHEN (max_retries >= 1) IS NOT TRUE THEN\n      format('max_retries is %s and must be at least 1.', coalesce(max_retries::text, 'null'))\n  END;\nBEGIN\n  IF refusal IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,\n      HINT = 'Nothing was recorded. Correct the argument and call again.';\n  END IF;\n  IF record_conversion.visitor_id IS NOT NULL THEN\n    SELECT v.* INTO visitor FROM {schema}.visitors v WHERE v.visitor_id = record_conversion.visitor_id;\n  END IF;\n  utm_source := nullif(utm_source, '');\n  utm_medium := nullif(utm_medium, '');\n  utm_campaign := nullif(utm_campaign, '');\n  IF num_nonnulls(utm_source, utm_medium, utm_campaign) = 0 THEN\n    utm_source := visitor.utm_source;\n    utm_medium := visitor.utm_medium;\n    utm_campaign := visitor.utm_campaign;\n  END IF;\n  FOR round IN 1..100 LOOP\n    BEGIN\n      INSERT INTO {schema}.conversions AS c (lead_id, conversion_type, conversion_value,\n        conversion_currency, idempotency_key, crm_deal_id, gclid, email_hash, utm_source, utm_medium,\n        utm_campaign, converted_at, consent_ad_user_data, consent_ad_personalization)\n      VALUES (record_conversion.lead_id, record_conversion.conversion_type,\n        record_conversion.conversion_value, coalesce(record_conversion.conversion_currency, 'EUR'), key,\n        record_conversion.crm_deal_id, coalesce(nullif(record_conversion.gclid, ''), visitor.gclid),\n        nullif(record_conversion.email_hash, ''), record_conversion.utm_source, record_conversion.utm_medium,\n        record_conversion.utm_campaign, record_conversion.converted_at,\n        record_conversion.consent_ad_user_data, record_conversion.consent_ad_personalization)\n      ON CONFLICT ON CONSTRAINT idx_conversions_idempotency_key DO NOTHING\n      RETURNING c.* INTO conversion;\n    EXCEPTION WHEN foreign_key_violation THEN\n      GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;\n      IF violated IS DISTINCT FROM 'conversions_lead_id_fkey' THEN\n        RAISE;\n      END IF;\n      RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = violated,\n        MESSAGE = format('There is no lead %s.', record_conversion.lead_id),\n        HINT = 'Nothing was recorded. Insert the lead first, then call again.';\n    END;\n    is_new := conversion.id IS NOT NULL;\n    EXIT WHEN is_new;\n    SELECT c.* INTO conversion FROM {schema}.conversions c WHERE c.idempotency_key = key;\n    CONTINUE WHEN NOT FOUND; -- it was deleted in between\n    incomplete := EXISTS (\n      SELECT FROM unnest(platforms) p (platform)\n       WHERE NOT EXISTS (\n         SELECT FROM {schema}.conversion_queue q WHERE q.conversion_id = conversion.id AND q.platform = p.platform));\n    EXIT WHEN NOT incomplete;\n    -- One of several callers adds what is missing; a lock alone would not stop REPEATABLE READ.\n    UPDATE {schema}.conversions c SET updated_at = c.updated_at WHERE c.id = conversion.id;\n    -- Otherwise it was deleted in between, or a trigger suppresses the update.\n    EXIT WHEN FOUND OR EXISTS (SELECT FROM {schema}.conversions c WHERE c.id = conversion.id FOR KEY SHARE);\n    conversion := NULL;\n  END LOOP;\n  IF conversion.id IS NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'triggered_action_exception', MESSAGE = 'The conversion was not inserted.',\n      HINT = 'Nothing was recorded. Look for a trigger on conversions that suppresses inserts.';\n  END IF;\n  IF incomplete THEN\n    INSERT INTO {schema}.conversion_queue (conversion_id, platform, max_retries)\n    SELECT conversion.id, p.platform, record_conversion.max_retries\n      FROM (SELECT DISTINCT unnest(platforms)) p (platform)\n     WHERE NOT EXISTS (\n       SELECT FROM {schema}.conversion_queue q WHERE q.conversion_id = conversion.id AND q.platform = p.platform);\n  END IF;\n  id := conversion.id;\n  lead_id := conversion.lead_id;\n  conversion_type := conversion.conversion_type;\n  crm_deal_id := conversion.crm_deal_id;\n  conversion_value := conversion.conversion_value;\n  conversion_currency := conversion.conversion_currency;\n  idempotency_key := conversion.idempotency_key;\n  gclid := conversion.gclid;\n  email_hash := conversion.email_hash;\n  utm_source := conversion.utm_source;\n  utm_medium := conversion.utm_medium;\n  utm_campaign := conversion.utm_campaign;\n  converted_at := conversion.converted_at;\n  consent_ad_user_data := conversion.consent_ad_user_data;\n  consent_ad_personalization := conversion.consent_ad_personalization;\n  created_at := conversion.created_at;\n  updated_at := conversion.updated_at;\nEND\n",
            comment:
              "Records a lead's conversion and queues it for each platform, exactly once per idempotency key (crm_deal_id:conversion_type unless given). A repeated call returns the stored conversion, and queues it for platforms without an entry. gclid, and utm_* where none is given, are copied from the visitor with this cookie id.",
            grants: {
              service_role: ['EXECUTE'],
            },
            ownerLacks: [],
          },
      },
    },
  },
  {
    migration: '20261128100900000_create-queue-functions',
    adds: {
      functions: {
        'claim_conversions(text, integer, interval)': {
          head: "CREATE OR REPLACE FUNCTION {schema}.claim_conversions(platform text DEFAULT 'google_ads'::text, \"limit\" integer DEFAULT 100, lease interval DEFAULT make_interval(mins => 5))\n RETURNS TABLE(id uuid, conversion_id uuid, lease_id uuid, leased_until timestamp with time zone, retry_count integer, max_retries integer, lead_id uuid, conversion_type text, conversion_value numeric, conversion_currency text, converted_at timestamp with time zone, idempotency_key text, crm_deal_id text, gclid text, email_hash text, consent_ad_user_data text, consent_ad_personalization text, utm_source text, utm_medium text, utm_campaign text, request_id text, error_code text, last_error text, send_alone boolean)\n LANGUAGE plpgsql\n ROWS 100\n SET enable_seqscan TO 'off'\n SET enable_bitmapscan TO 'off'\n SET enable_sort TO 'off'\n SET enable_nestloop TO 'on'\n SET enable_hashjoin TO 'off'\n SET enable_mergejoin TO 'off'\n SET plan_cache_mode TO 'force_generic_plan'\n SET search_path TO 'pg_catalog', 'pg_temp'\n",
          body: "\n#variable_conflict use_variable\nDECLARE\n  at CONSTANT timestamptz := clock_timestamp();\n  claim CONSTANT uuid := gen_random_uuid();\n  wanted integer := claim_conversions.\"limit\";\n  width integer := wanted;\n  due tid[];\n  used_up tid[];\n  seen integer;\n  taken integer;\n  dead_letters integer := 0;\n  until timestamptz;\n  refusal text := CASE\n    WHEN claim_conversions.platform IS NULL THEN\n      'platform is missing.'\n    WHEN (wanted BETWEEN 1 AND 10000) IS NOT TRUE THEN\n      format('limit is %s and must be from 1 to 10000.', coalesce(wanted::text, 'null'))\n    WHEN (lease <= make_interval(days => 1) AND at + lease > at) IS NOT TRUE THEN\n      format('lease is %s and must be a positive interval of at most 1 day; a number without a unit means seconds.', coalesce(lease::text, 'null'))\n  END;\nBEGIN\n  IF refusal IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,\n      HINT = 'Nothing was claimed. Correct the argument and call again.';\n  END IF;\n  IF row_security_active(pg_typeof(NULL::{schema}.conversion_queue)::text) THEN\n    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',\n      MESSAGE = format('Row level security hides conversion_queue from the role %I.', current_user),\n      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';\n  END IF;\n  LOOP\n    SELECT array_agg(d.ctid) FILTER (WHERE NOT d.used_up), array_agg(d.ctid) FILTER (WHERE d.used_up), count(*)\n      INTO due, used_up, seen\n      FROM (\n        SELECT q.ctid, q.retry_count + (q.lease_id IS NOT NULL AND q.retry_count < q.max_retries)::integer >= q.max_retries AS used_up\n          FROM {schema}.conversion_queue q\n         WHERE q.platform = claim_conversions.platform\n           AND q.status IN ('pending', 'failed')\n           AND coalesce(q.next_retry_at, q.created_at) <= at\n           AND (q.leased_until IS NULL OR q.leased_until <= at)\n         ORDER BY coalesce(q.next_retry_at, q.created_at)\n         LIMIT width\n           FOR NO KEY UPDATE SKIP LOCKED) d;\n    IF used_up IS NOT NULL THEN\n      UPDATE {schema}.conversion_queue q\n         SET status = 'dead_letter',\n             retry_count = q.retry_count + (q.lease_id IS NOT NULL AND q.retry_count < q.max_retries)::integer,\n             last_error = CASE WHEN q.lease_id IS NOT NULL THEN 'The lease expired before the worker reported an outcome.' ELSE q.last_error END,\n             error_code = CASE WHEN q.lease_id IS NOT NULL THEN 'LEASE_EXPIRED' ELSE q.error_code END,\n             next_retry_at = NULL,\n             leased_until = NULL,\n             lease_id = NULL\n       WHERE q.ctid = ANY (used_up);\n      dead_letters := dead_letters + cardinality(used_up);\n    END IF;\n    until := coalesce(until, clock_timestamp() + lease); -- the first search may have waited\n    RETURN QUERY\n      UPDATE {schema}.conversion_queue q\n         SET status = CASE WHEN q.lease_id IS NOT NULL THEN 'failed' ELSE q.status END,\n             retry_count = q.retry_count + (q.lease_id IS NOT NULL AND q.retry_count < q.max_retries)::integer,\n             last_error = CASE WHEN q.lease_id IS NOT NULL THEN 'The lease expired before the worker reported an outcome.' ELSE q.last_error END,\n             error_code = CASE WHEN q.lease_id IS NOT NULL THEN 'LEASE_EXPIRED' ELSE q.error_code END,\n             leased_until = until,\n             lease_id = claim,\n             updated_at = now()\n        FROM unnest(due[1:wanted]) d (ctid), {schema}.conversions c\n       WHERE q.ctid = d.ctid AND c.id = ANY (ARRAY[q.conversion_id])\n      RETURNING q.id, q.conversion_id, q.lease_id, q.leased_until, q.retry_count, q.max_retries, c.lead_id,\n             c.conversion_type, c.conversion_value, c.conversion_currency,\n             coalesce(c.converted_at, c.created_at), c.idempotency_key, c.crm_deal_id, c.gclid,\n             c.email_hash, c.consent_ad_user_data, c.consent_ad_personalization, c.utm_source,\n             c.utm_medium, c.utm_campaign, q.request_id, q.error_code, q.last_error,\n             q.send_alone IS TRUE;\n    GET DIAGNOSTICS taken = ROW_COUNT;\n    wanted := wanted - taken;\n    EXIT WHEN wanted = 0 OR seen < width OR dead_letters >= 10000;\n    width := width * 2;\n  END LOOP;\nEND\n",
          comment:
            'Claims the due entries of a platform, the oldest first, each with what its upload needs, and leases them: until the lease expires no other claim returns them. An entry whose lease expired without an outcome has had a failed attempt, and becomes a dead letter if that was its last.',
          grants: {
            service_role: ['EXECUTE'],
          },
          ownerLacks: [],
        },
        'complete_conversions(uuid[], text)': {
          head: "CREATE OR REPLACE FUNCTION {schema}.complete_conversions(ids uuid[], request_id text DEFAULT NULL::text)\n RETURNS TABLE(id uuid, status text, retry_count integer, next_retry_at timestamp with time zone, applied boolean)\n LANGUAGE plpgsql\n ROWS 100\n SET enable_seqscan TO 'off'\n SET enable_bitmapscan TO 'off'\n SET plan_cache_mode TO 'force_generic_plan'\n SET search_path TO 'pg_catalog', 'pg_temp'\n",
          body: "\n#variable_conflict use_variable\nDECLARE\n  at CONSTANT timestamptz := clock_timestamp();\n  entries tid[];\n  changed integer;\n  uploaded uuid[];\n  platform text;\n  other_platform text;\n  refusal text;\nBEGIN\n  IF ids IS NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'ids is missing.',\n      HINT = 'Nothing was changed. Pass the ids of entries and call again.';\n  END IF;\n  IF row_security_active(pg_typeof(NULL::{schema}.conversion_queue)::text) THEN\n    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',\n      MESSAGE = format('Row level security hides conversion_queue from the role %I.', current_user),\n      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';\n  END IF;\n  SELECT array_agg(l.ctid) INTO entries\n    FROM (\n      SELECT q.ctid FROM {schema}.conversion_queue q WHERE q.id = ANY (ids) ORDER BY q.id\n         FOR NO KEY UPDATE) l;\n  IF complete_conversions.request_id IS NOT NULL THEN\n    uploaded := ARRAY(SELECT unnest(ids));\n    SELECT min(q.platform), max(q.platform) INTO platform, other_platform\n      FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries);\n    refusal := CASE\n      WHEN complete_conversions.request_id = '' THEN 'request_id is empty.'\n      WHEN length(complete_conversions.request_id) > 512 THEN\n        format('request_id has %s characters and may have at most 512.', length(complete_conversions.request_id))\n      WHEN array_position(uploaded, NULL) IS NOT NULL THEN 'ids contains null.'\n      WHEN platform <> other_platform THEN\n        format('The entries of a request have one platform, but these have %L and %L.', left(platform, 80), left(other_platform, 80))\n    END;\n  IF refusal IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,\n      HINT = 'Nothing was changed. Correct the argument and call again.';\n  END IF;\n    INSERT INTO {schema}.upload_requests (platform, request_id, entry_ids, entry_count, accepted_at, next_check_at)\n    SELECT platform, complete_conversions.request_id, uploaded, (SELECT count(DISTINCT u.id) FROM unnest(uploaded) u (id)), at, at + interval '30 minutes'\n     WHERE platform IS NOT NULL -- otherwise all entries were deleted\n    ON CONFLICT DO NOTHING;\n    IF NOT FOUND THEN\n      refusal := 'The request has been recorded with other ids.';\n      IF platform IS NULL OR uploaded = (\n        SELECT r.entry_ids FROM {schema}.upload_requests r\n         WHERE r.platform = platform AND r.request_id = complete_conversions.request_id) THEN\n        refusal := NULL;\n      END IF;\n  IF refusal IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,\n      HINT = 'Nothing was changed. Pass all ids of a request in one call.';\n  END IF;\n      RETURN QUERY\n        SELECT q.id, q.status, q.retry_count, q.next_retry_at, false\n          FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries);\n      RETURN;\n    END IF;\n  END IF;\n  RETURN QUERY\n    UPDATE {schema}.conversion_queue q\n       SET status = 'uploaded',\n           uploaded_at = clock_timestamp(),\n           request_id = coalesce(complete_conversions.request_id, q.request_id),\n           next_retry_at = NULL,\n           leased_until = NULL,\n           lease_id = NULL,\n           updated_at = now()\n     WHERE q.ctid = ANY (entries) AND q.status <> 'uploaded'\n    RETURNING q.id, q.status, q.retry_count, q.next_retry_at, true;\n  GET DIAGNOSTICS changed = ROW_COUNT;\n  IF changed < cardinality(entries) THEN\n    RETURN QUERY\n      SELECT q.id, q.status, q.retry_count, q.next_retry_at, false\n        FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries) AND q.status = 'uploaded';\n  END IF;\nEND\n",
          comment:
            "Marks entries as uploaded. A completion is accepted even after the lease has expired, since the platform has the conversion. With a request_id the upload request is recorded as well, to be settled when the platform reports its result: pass all its entries in one call, in the order of the request's events. applied says whether this call changed the entry.",
          grants: {
            service_role: ['EXECUTE'],
          },
          ownerLacks: [],
        },
        'fail_conversions(uuid[], text, timestamp with time zone, boolean, text, uuid)': {
          head: "CREATE OR REPLACE FUNCTION {schema}.fail_conversions(ids uuid[], error text, retry_at timestamp with time zone DEFAULT NULL::timestamp with time zone, permanent boolean DEFAULT false, error_code text DEFAULT NULL::text, lease_id uuid DEFAULT NULL::uuid)\n RETURNS TABLE(id uuid, status text, retry_count integer, next_retry_at timestamp with time zone, applied boolean)\n LANGUAGE plpgsql\n ROWS 100\n SET enable_seqscan TO 'off'\n SET enable_bitmapscan TO 'off'\n SET plan_cache_mode TO 'force_generic_plan'\n SET search_path TO 'pg_catalog', 'pg_temp'\n",
          body: "\n#variable_conflict use_variable\nDECLARE\n  at CONSTANT timestamptz := clock_timestamp();\n  entries tid[];\n  changed integer;\nBEGIN\n  IF NOT isfinite(retry_at) THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'retry_at is not a finite time.',\n      HINT = 'Nothing was changed. Pass a time, or null for the growing backoff, and call again.';\n  END IF;\n\n  IF ids IS NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'ids is missing.',\n      HINT = 'Nothing was changed. Pass the ids of entries and call again.';\n  END IF;\n  IF row_security_active(pg_typeof(NULL::{schema}.conversion_queue)::text) THEN\n    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',\n      MESSAGE = format('Row level security hides conversion_queue from the role %I.', current_user),\n      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';\n  END IF;\n  SELECT array_agg(l.ctid) INTO entries\n    FROM (\n      SELECT q.ctid FROM {schema}.conversion_queue q WHERE q.id = ANY (ids) ORDER BY q.id\n         FOR NO KEY UPDATE) l;\n  RETURN QUERY\n    UPDATE {schema}.conversion_queue q\n       SET status = CASE WHEN permanent OR q.retry_count >= q.max_retries - 1 THEN 'dead_letter' ELSE 'failed' END,\n           retry_count = q.retry_count + (q.retry_count < q.max_retries)::integer,\n           next_retry_at = CASE WHEN permanent OR q.retry_count >= q.max_retries - 1 THEN NULL\n             ELSE coalesce(retry_at, at + least(power(4, least(q.retry_count, 8)) * interval '5 minutes', interval '6 hours') * (1 - random() / 4)) END,\n           last_error = error,\n           error_code = fail_conversions.error_code,\n           leased_until = CASE WHEN fail_conversions.lease_id IS NULL THEN q.leased_until END,\n           lease_id = NULL,\n           updated_at = now()\n     WHERE q.ctid = ANY (entries) AND q.status NOT IN ('uploaded', 'dead_letter')\n         AND (fail_conversions.lease_id IS NULL OR q.lease_id = fail_conversions.lease_id)\n    RETURNING q.id, q.status, q.retry_count, q.next_retry_at, true;\n  GET DIAGNOSTICS changed = ROW_COUNT;\n  IF changed < cardinality(entries) THEN\n    RETURN QUERY\n      SELECT q.id, q.status, q.retry_count, q.next_retry_at, false\n        FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries) AND (q.status NOT IN ('uploaded', 'dead_letter')\n         AND (fail_conversions.lease_id IS NULL OR q.lease_id = fail_conversions.lease_id)) IS NOT TRUE;\n  END IF;\nEND\n",
          comment:
            'Records a failed attempt of entries. They are retried at retry_at, or after a growing backoff, and become dead letters after the last attempt or if the failure is permanent. With the lease_id of the claim, a report that comes after another claim has leased the entry changes nothing; without it, the entry stays leased until its lease expires. applied says whether this call changed the entry.',
          grants: {
            service_role: ['EXECUTE'],
          },
          ownerLacks: [],
        },
        'requeue_dead_letters(text, uuid[], text, integer)': {
          head: "CREATE OR REPLACE FUNCTION {schema}.requeue_dead_letters(platform text DEFAULT NULL::text, ids uuid[] DEFAULT NULL::uuid[], error_code text DEFAULT NULL::text, \"limit\" integer DEFAULT 1000)\n RETURNS TABLE(id uuid, conversion_id uuid)\n LANGUAGE plpgsql\n ROWS 100\n SET search_path TO 'pg_catalog', 'pg_temp'\n",
          body: "\n#variable_conflict use_variable\nBEGIN\n  IF (requeue_dead_letters.\"limit\" >= 1) IS NOT TRUE THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',\n      MESSAGE = format('limit is %s and must be at least 1.', coalesce(requeue_dead_letters.\"limit\"::text, 'null')),\n      HINT = 'Nothing was changed. Correct the argument and call again.';\n  END IF;\n  IF row_security_active(pg_typeof(NULL::{schema}.conversion_queue)::text) THEN\n    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',\n      MESSAGE = format('Row level security hides conversion_queue from the role %I.', current_user),\n      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';\n  END IF;\n  RETURN QUERY\n    WITH chosen AS MATERIALIZED (\n      SELECT q.id\n        FROM {schema}.conversion_queue q\n       WHERE q.status = 'dead_letter'\n         AND (requeue_dead_letters.platform IS NULL OR q.platform = requeue_dead_letters.platform)\n         AND (ids IS NULL OR q.id = ANY (ids))\n         AND (requeue_dead_letters.error_code IS NULL OR q.error_code = requeue_dead_letters.error_code)\n       ORDER BY q.created_at, q.id\n       LIMIT requeue_dead_letters.\"limit\"\n         FOR NO KEY UPDATE SKIP LOCKED)\n    UPDATE {schema}.conversion_queue q\n       SET status = 'pending', retry_count = 0, next_retry_at = NULL\n      FROM chosen c\n     WHERE q.id = c.id\n    RETURNING q.id, q.conversion_id;\nEND\n",
          comment:
            'Makes dead letters pending again, with all their attempts, the oldest first. Filters by platform, ids and error_code, where null matches all; at most limit entries.',
          grants: {
            service_role: ['EXECUTE'],
          },
          ownerLacks: [],
        },
      },
    },
  },
  {
    migration: '20261128101000000_create-upload-request-functions',
    adds: {
      functions: {
        'claim_upload_requests(text, integer, interval)': {
          head: "CREATE OR REPLACE FUNCTION {schema}.claim_upload_requests(platform text DEFAULT 'google_ads'::text, \"limit\" integer DEFAULT 10, lease interval DEFAULT make_interval(mins => 5))\n RETURNS TABLE(request_id text, entry_ids uuid[], check_count integer, accepted_at timestamp with time zone, lease_id uuid, leased_until timestamp with time zone)\n LANGUAGE plpgsql\n ROWS 10\n SET enable_seqscan TO 'off'\n SET enable_bitmapscan TO 'off'\n SET enable_sort TO 'off'\n SET plan_cache_mode TO 'force_generic_plan'\n SET search_path TO 'pg_catalog', 'pg_temp'\n",
          body: "\n#variable_conflict use_variable\nDECLARE\n  at CONSTANT timestamptz := clock_timestamp();\n  claim CONSTANT uuid := gen_random_uuid();\n  wanted CONSTANT integer := claim_upload_requests.\"limit\";\n  due tid[];\n  ended tid[];\n  refusal text := CASE\n    WHEN claim_upload_requests.platform IS NULL THEN\n      'platform is missing.'\n    WHEN (wanted BETWEEN 1 AND 1000) IS NOT TRUE THEN\n      format('limit is %s and must be from 1 to 1000.', coalesce(wanted::text, 'null'))\n    WHEN (lease <= make_interval(days => 1) AND at + lease > at) IS NOT TRUE THEN\n      format('lease is %s and must be a positive interval of at most 1 day; a number without a unit means seconds.', coalesce(lease::text, 'null'))\n  END;\nBEGIN\n  IF refusal IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,\n      HINT = 'Nothing was claimed. Correct the argument and call again.';\n  END IF;\n  IF row_security_active(pg_typeof(NULL::{schema}.upload_requests)::text) THEN\n    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',\n      MESSAGE = format('Row level security hides upload_requests from the role %I.', current_user),\n      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';\n  END IF;\n  SELECT array_agg(d.ctid) FILTER (WHERE NOT d.ended), array_agg(d.ctid) FILTER (WHERE d.ended)\n    INTO due, ended\n    FROM (\n      SELECT r.ctid, r.lease_id IS NOT NULL AND r.next_check_at > r.accepted_at + interval '48 hours' AS ended\n        FROM {schema}.upload_requests r\n       WHERE r.platform = claim_upload_requests.platform\n         AND r.status = 'processing'\n         AND r.next_check_at <= at\n       ORDER BY r.next_check_at\n       LIMIT wanted\n         FOR NO KEY UPDATE SKIP LOCKED) d;\n  UPDATE {schema}.upload_requests r\n     SET status = 'expired', next_check_at = NULL, lease_id = NULL\n   WHERE r.ctid = ANY (ended);\n  RETURN QUERY\n    UPDATE {schema}.upload_requests r\n       SET check_count = r.check_count + 1,\n           next_check_at = clock_timestamp() + lease,\n           lease_id = claim\n     WHERE r.ctid = ANY (due)\n    RETURNING r.request_id, r.entry_ids, r.check_count, r.accepted_at, r.lease_id, r.next_check_at;\nEND\n",
          comment:
            'Claims the upload requests of a platform whose result is due to be checked, and leases them: until the lease expires no other claim returns them. Checks are due from 30 minutes to 24 hours after the request was recorded. A check without a report is repeated, until 48 hours after; then the request expires.',
          grants: {
            service_role: ['EXECUTE'],
          },
          ownerLacks: [],
        },
        'settle_upload_request(text, text, text, jsonb, uuid)': {
          head: "CREATE OR REPLACE FUNCTION {schema}.settle_upload_request(INOUT platform text, INOUT request_id text, INOUT status text, rejected jsonb DEFAULT '[]'::jsonb, lease_id uuid DEFAULT NULL::uuid, OUT confirmed_count integer, OUT rejected_count integer, OUT applied boolean)\n RETURNS record\n LANGUAGE plpgsql\n SET enable_seqscan TO 'off'\n SET enable_bitmapscan TO 'off'\n SET enable_nestloop TO 'off'\n SET plan_cache_mode TO 'force_generic_plan'\n SET search_path TO 'pg_catalog', 'pg_temp'\n",
          body: "\n#variable_conflict use_variable\nDECLARE\n  at CONSTANT timestamptz := clock_timestamp();\n  request {schema}.upload_requests%ROWTYPE;\n  ids uuid[];\n  named uuid[];\n  codes text[];\n  messages text[];\n  outcomes text[];\n  remaining integer;\n  other record;\n  entries tid[];\n  refusal text := CASE\n    WHEN settle_upload_request.platform IS NULL THEN 'platform is missing.'\n    WHEN settle_upload_request.request_id IS NULL THEN 'request_id is missing.'\n    WHEN (settle_upload_request.status IN ('processing', 'succeeded', 'partially_succeeded', 'failed')) IS NOT TRUE THEN\n      format('status is %L and must be processing, succeeded, partially_succeeded or failed.', left(settle_upload_request.status, 80))\n    WHEN (jsonb_typeof(rejected) = 'array') IS NOT TRUE THEN 'rejected is not an array.'\n    WHEN settle_upload_request.status = 'processing' AND jsonb_array_length(rejected) > 0 THEN\n      'rejected must be empty while the status is processing.'\n  END;\nBEGIN\n  IF refusal IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,\n      HINT = 'Nothing was changed. Correct the argument and call again.';\n  END IF;\n  IF row_security_active(pg_typeof(NULL::{schema}.upload_requests)::text) THEN\n    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',\n      MESSAGE = format('Row level security hides upload_requests from the role %I.', current_user),\n      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';\n  END IF;\n  SELECT r.* INTO request\n    FROM {schema}.upload_requests r\n   WHERE r.platform = settle_upload_request.platform AND r.request_id = settle_upload_request.request_id\n     FOR NO KEY UPDATE;\n  IF NOT FOUND THEN\n    RAISE EXCEPTION USING ERRCODE = 'no_data_found',\n      MESSAGE = format('There is no upload request %L of %L.',\n        left(settle_upload_request.request_id, 80), left(settle_upload_request.platform, 80)),\n      HINT = 'Nothing was changed. Pass the request_id to complete_conversions first, then call again.';\n  END IF;\n  applied := request.status IN ('processing', 'expired');\n  IF settle_upload_request.status = 'processing' THEN\n    applied := request.status = 'processing'\n      AND (settle_upload_request.lease_id IS NULL OR request.lease_id IS NOT DISTINCT FROM settle_upload_request.lease_id);\n    IF applied AND at >= request.accepted_at + interval '24 hours' THEN\n      request.status := 'expired';\n    END IF;\n    IF applied THEN\n      UPDATE {schema}.upload_requests r\n         SET status = request.status,\n             next_check_at = CASE request.status WHEN 'processing' THEN\n               least(at + least(power(1.3, least(r.check_count, 3)) * interval '30 minutes', interval '1 hour'), r.accepted_at + interval '24 hours') END,\n             lease_id = NULL\n       WHERE r.platform = settle_upload_request.platform AND r.request_id = settle_upload_request.request_id;\n    END IF;\n    status := request.status;\n    rejected_count := request.rejected_count;\n    confirmed_count := request.entry_count - request.rejected_count;\n    RETURN;\n  END IF;\n\n  ids := request.entry_ids;\n  SELECT format('rejected[%s] %s', p.place - 1, p.problem) INTO refusal\n    FROM (\n      SELECT e.place, CASE\n          WHEN jsonb_typeof(e.result) <> 'object' THEN 'is not an object.'\n          WHEN EXISTS (\n            SELECT FROM jsonb_object_keys(e.result) k (key)\n             WHERE k.key NOT IN ('index', 'id', 'code', 'message', 'outcome', 'count')) THEN\n            'may have index or id, code, message, outcome and count, and has another field.'\n          WHEN (e.result ->> 'outcome' = ANY (ARRAY['complete', 'permanent', 'retry_later', 'retry'])) IS NOT TRUE THEN\n            format('has the outcome %L, which must be complete, permanent, retry_later or retry.', left(e.result ->> 'outcome', 80))\n          WHEN settle_upload_request.status = 'succeeded' AND e.result ->> 'outcome' <> 'complete' THEN\n            'rejects an entry of a request that succeeded.'\n          WHEN num_nonnulls(e.result ->> 'index', e.result ->> 'id') = 2 THEN 'has an index and an id, and may have one of them.'\n          WHEN e.result ->> 'index' !~ '^[0-9]{1,9}$' THEN\n            format('has the index %L, which must be a whole number from 0.', left(e.result ->> 'index', 80))\n          WHEN (e.result ->> 'index')::integer >= cardinality(ids) THEN\n            format('has the index %s, but the request has %s entries.', e.result ->> 'index', cardinality(ids))\n          WHEN e.result ->> 'id' IS NOT NULL AND i.id IS NULL THEN\n            format('has the id %L, which is not in the request.', left(e.result ->> 'id', 80))\n          WHEN e.result ->> 'count' !~ '^[0-9]{1,9}$' THEN\n            format('has the count %L, which must be a whole number.', left(e.result ->> 'count', 80))\n        END AS problem\n        FROM jsonb_array_elements(rejected) WITH ORDINALITY e (result, place)\n        LEFT JOIN (SELECT DISTINCT u.id::text FROM unnest(ids) u (id)) i (id) ON i.id = lower(e.result ->> 'id')) p\n   WHERE p.problem IS NOT NULL\n   ORDER BY p.place\n   LIMIT 1;\n  IF refusal IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,\n      HINT = 'Nothing was changed. Correct rejected and call again.';\n  END IF;\n\n  SELECT array_agg(n.id), array_agg(n.code), array_agg(n.message), array_agg(n.outcome)\n    INTO named, codes, messages, outcomes\n    FROM (\n      SELECT DISTINCT ON (e.id) e.id, e.code, e.message, e.outcome\n        FROM (\n          SELECT coalesce(ids[(o.result ->> 'index')::integer + 1], (o.result ->> 'id')::uuid) AS id,\n                 o.result ->> 'code' AS code, o.result ->> 'message' AS message, o.result ->> 'outcome' AS outcome, o.place\n            FROM jsonb_array_elements(rejected) WITH ORDINALITY o (result, place)\n           WHERE num_nonnulls(o.result ->> 'index', o.result ->> 'id') = 1) e\n       ORDER BY e.id, array_position(ARRAY['complete', 'permanent', 'retry_later', 'retry'], e.outcome), e.place) n;\n  remaining := request.entry_count - coalesce(cardinality(named), 0);\n  -- What is known of the entries that no result names.\n  SELECT o.code, o.message, o.outcome, count(*) OVER () AS results, sum(o.count) OVER () AS entries,\n         count(*) FILTER (WHERE o.outcome <> 'complete') OVER () AS rejections,\n         string_agg(o.code || coalesce(' (' || o.count || ')', ''), ', ') OVER () AS codes\n    INTO other\n    FROM (\n      SELECT e.result ->> 'code' AS code, e.result ->> 'message' AS message, e.result ->> 'outcome' AS outcome,\n             (e.result ->> 'count')::integer AS count, e.place\n        FROM jsonb_array_elements(rejected) WITH ORDINALITY e (result, place)\n       WHERE num_nonnulls(e.result ->> 'index', e.result ->> 'id') = 0) o\n   ORDER BY array_position(ARRAY['complete', 'permanent', 'retry_later', 'retry'], o.outcome), o.place\n   LIMIT 1;\n  IF settle_upload_request.status = 'succeeded' OR other.rejections = 0\n     OR other.results IS NULL AND named IS NOT NULL AND settle_upload_request.status = 'partially_succeeded' THEN\n    other.outcome := 'complete';\n  ELSIF remaining = 1\n     OR coalesce(other.results, 1) = 1 AND (settle_upload_request.status = 'failed' OR other.entries >= remaining) THEN\n    other.outcome := coalesce(other.outcome, 'retry');\n    other.code := coalesce(other.code, 'REQUEST_FAILED');\n  ELSE\n    other.message := format('The platform rejected entries of the request %s without saying which: %s.',\n      left(settle_upload_request.request_id, 80), coalesce(other.codes, 'it gave no reason'));\n    other.outcome := 'alone';\n    other.code := 'UNLOCATED_REJECTION';\n  END IF;\n  SELECT array_agg(r.id), array_agg(r.code), array_agg(r.message), array_agg(r.outcome), count(*)\n    INTO named, codes, messages, outcomes, rejected_count\n    FROM (\n      SELECT n.* FROM unnest(named, codes, messages, outcomes) n (id, code, message, outcome)\n      UNION ALL\n      SELECT u.id, other.code, other.message, other.outcome\n        FROM (SELECT unnest(ids) EXCEPT SELECT unnest(named)) u (id)\n       WHERE other.outcome <> 'complete') r\n   WHERE r.outcome <> 'complete';\n  confirmed_count := request.entry_count - rejected_count;\n  IF NOT applied THEN\n    refusal := CASE\n      WHEN (status, rejected_count) IS DISTINCT FROM (request.status, request.rejected_count) THEN\n        format('The request has been settled as %s with %s rejected entries, which differs from %s with %s.',\n          request.status, request.rejected_count, status, rejected_count)\n    END;\n  IF refusal IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,\n      HINT = 'Nothing was changed. A result is final: do not report another.';\n  END IF;\n    RETURN;\n  END IF;\n\n  SELECT array_agg(l.ctid) INTO entries\n    FROM (SELECT q.ctid FROM {schema}.conversion_queue q WHERE q.id = ANY (named) ORDER BY q.id FOR NO KEY UPDATE) l;\n  UPDATE {schema}.conversion_queue q\n     SET status = CASE WHEN (r.outcome = 'permanent' OR q.retry_count >= q.max_retries - 1 AND NOT (r.outcome = 'alone' AND q.send_alone IS NOT TRUE)) THEN 'dead_letter' ELSE 'failed' END,\n         retry_count = CASE WHEN (r.outcome = 'alone' AND q.send_alone IS NOT TRUE) THEN greatest(0, least(q.retry_count, q.max_retries - 2) + 1)\n           ELSE q.retry_count + (q.retry_count < q.max_retries)::integer END,\n         next_retry_at = CASE WHEN (r.outcome = 'permanent' OR q.retry_count >= q.max_retries - 1 AND NOT (r.outcome = 'alone' AND q.send_alone IS NOT TRUE)) THEN NULL\n           WHEN r.outcome = 'retry_later' THEN at + interval '6 hours'\n           ELSE at + least(power(4, least(q.retry_count, 8)) * interval '5 minutes', interval '6 hours') * (1 - random() / 4) END,\n         last_error = coalesce(r.message, r.code),\n         error_code = r.code,\n         uploaded_at = NULL,\n         send_alone = q.send_alone OR r.outcome = 'alone',\n         updated_at = now()\n    FROM unnest(named, codes, messages, outcomes) r (id, code, message, outcome)\n   WHERE q.ctid = ANY (entries) AND r.id = q.id\n     AND q.status = 'uploaded' AND q.request_id = settle_upload_request.request_id;\n  UPDATE {schema}.upload_requests r\n     SET status = settle_upload_request.status,\n         rejected_count = settle_upload_request.rejected_count,\n         next_check_at = NULL,\n         lease_id = NULL,\n         settled_at = at\n   WHERE r.platform = settle_upload_request.platform AND r.request_id = settle_upload_request.request_id;\nEND\n",
          comment:
            'Records the result of an upload request. status is processing, succeeded, partially_succeeded or failed. rejected is an array of objects with index (from 0) or id of an entry, outcome (complete, permanent, retry_later or retry), code and message: a rejected entry is retried or becomes a dead letter. Without index and id, count says how many were rejected; if it is unknown which, all entries not named are sent again, each in a request of its own. With the lease_id of the claim, processing that comes after another claim changes nothing. applied says whether this call changed the request.',
          grants: {
            service_role: ['EXECUTE'],
          },
          ownerLacks: [],
        },
      },
    },
  },
  {
    migration: '20261128101100000_create-queue-health',
    adds: {
      functions: {
        'conversion_queue_health(text)': {
          head: "CREATE OR REPLACE FUNCTION {schema}.conversion_queue_health(INOUT platform text DEFAULT NULL::text, OUT status text, OUT entries bigint, OUT estimated boolean, OUT leased bigint, OUT overdue bigint, OUT oldest_due timestamp with time zone, OUT unconfirmed bigint, OUT oldest_unconfirmed timestamp with time zone, OUT expired_requests bigint)\n RETURNS SETOF record\n LANGUAGE plpgsql\n ROWS 4\n SET enable_seqscan TO 'off'\n SET enable_bitmapscan TO 'off'\n SET enable_sort TO 'off'\n SET search_path TO 'pg_catalog', 'pg_temp'\n",
          body: "\n#variable_conflict use_variable\nDECLARE\n  at CONSTANT timestamptz := clock_timestamp();\n  queue CONSTANT regclass := (SELECT t.typrelid FROM pg_type t WHERE t.oid = pg_typeof(NULL::{schema}.conversion_queue));\n  one text;\n  plan json;\nBEGIN\n  IF row_security_active(pg_typeof(NULL::{schema}.conversion_queue)::text) THEN\n    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',\n      MESSAGE = format('Row level security hides conversion_queue from the role %I.', current_user),\n      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';\n  END IF;\n  FOR one IN\n    WITH RECURSIVE found (platform) AS (\n      SELECT min(q.platform) FROM {schema}.conversion_queue q\n       WHERE conversion_queue_health.platform IS NULL\n      UNION ALL\n      SELECT (SELECT min(q.platform) FROM {schema}.conversion_queue q WHERE q.platform > f.platform)\n        FROM found f WHERE f.platform IS NOT NULL)\n    SELECT f.platform FROM found f WHERE f.platform IS NOT NULL\n    UNION ALL\n    SELECT conversion_queue_health.platform WHERE conversion_queue_health.platform IS NOT NULL\n  LOOP\n    platform := one;\n    FOR status, entries, estimated, leased, overdue, oldest_due IN\n      WITH first AS MATERIALIZED (\n          SELECT q.status, coalesce(q.next_retry_at, q.created_at) AS due, q.leased_until > at AS leased\n            FROM {schema}.conversion_queue q\n           WHERE q.platform = one AND q.status IN ('pending', 'failed')\n           ORDER BY coalesce(q.next_retry_at, q.created_at) LIMIT 10001),\n      found AS MATERIALIZED (\n        SELECT count(*) > 10000 AS more,\n               count(*) FILTER (WHERE f.due <= at AND f.leased IS NOT TRUE) > 0 AS overdue\n          FROM first f),\n      open AS (\n        SELECT f.* FROM first f\n        UNION ALL (\n          SELECT q.status, coalesce(q.next_retry_at, q.created_at) AS due, q.leased_until > at AS leased\n            FROM {schema}.conversion_queue q\n           WHERE q.platform = one AND q.status IN ('pending', 'failed')\n             AND coalesce(q.next_retry_at, q.created_at) <= at AND (q.leased_until > at) IS NOT TRUE\n             AND (SELECT f.more AND NOT f.overdue FROM found f)\n           ORDER BY coalesce(q.next_retry_at, q.created_at) LIMIT 1))\n      SELECT s.status, o.entries, f.more, o.leased, o.overdue, o.oldest_due\n        FROM found f, (VALUES ('pending'), ('failed')) s (status)\n       CROSS JOIN LATERAL (\n         SELECT count(*) AS entries, count(*) FILTER (WHERE o.leased) AS leased,\n                count(*) FILTER (WHERE o.due <= at AND o.leased IS NOT TRUE) AS overdue,\n                min(o.due) FILTER (WHERE o.due <= at AND o.leased IS NOT TRUE) AS oldest_due\n           FROM open o WHERE o.status = s.status) o\n      UNION ALL\n      SELECT 'dead_letter', count(*), count(*) > 10000, 0, 0, NULL\n        FROM (\n          SELECT FROM {schema}.conversion_queue q\n           WHERE q.platform = one AND q.status = 'dead_letter'\n           ORDER BY q.created_at LIMIT 10001) d\n      UNION ALL\n      SELECT 'uploaded', count(*) FILTER (WHERE p.status = 'uploaded'), count(*) > 10000, 0, 0, NULL\n        FROM (\n          SELECT q.status FROM {schema}.conversion_queue q\n           WHERE q.platform = one LIMIT 10001) p\n    LOOP\n      IF estimated THEN\n        EXECUTE format(\n          'EXPLAIN (FORMAT JSON) SELECT FROM %s q WHERE q.platform = %L AND q.status = %L', queue, one, status)\n          INTO plan;\n        entries := greatest(entries, (plan #>> '{0,Plan,Plan Rows}')::bigint);\n      END IF;\n      unconfirmed := 0;\n      oldest_unconfirmed := NULL;\n      expired_requests := 0;\n      IF status = 'uploaded' THEN\n        SELECT coalesce(sum(p.entry_count), 0), min(p.accepted_at) INTO unconfirmed, oldest_unconfirmed\n          FROM (\n            SELECT r.entry_count, r.accepted_at FROM {schema}.upload_requests r\n             WHERE r.platform = one AND r.status = 'processing'\n             ORDER BY r.accepted_at LIMIT 10000) p;\n        SELECT count(*) INTO expired_requests\n          FROM (\n            SELECT FROM {schema}.upload_requests r\n             WHERE r.platform = one AND r.status = 'expired'\n             ORDER BY r.accepted_at LIMIT 10000) e;\n      END IF;\n      RETURN NEXT;\n    END LOOP;\n  END LOOP;\nEND\n",
          comment:
            'Returns one row per platform and status: the number of entries, the leased ones, those that are due and not leased (overdue), when the oldest of these became due, the uploaded entries whose request is still processed (unconfirmed), when the oldest such request was recorded, and the number of expired requests. Counts up to 10000 entries or requests of a kind: beyond that, entries is an estimate (estimated is true), and the other numbers are of the 10000 oldest. Uploaded entries are estimated if the platform has more than 10000 entries.',
          grants: {
            service_role: ['EXECUTE'],
          },
          ownerLacks: [],
        },
      },
    },
  },
  {
    migration: '20261128101200000_create-visitor-functions',
    adds: {
      functions: {
        'record_events(jsonb)': {
          head: "CREATE OR REPLACE FUNCTION {schema}.record_events(events jsonb)\n RETURNS integer\n LANGUAGE plpgsql\n SET search_path TO 'pg_catalog', 'pg_temp'\n",
          body: "\n#variable_conflict use_variable\nDECLARE\n  recorded integer;\n  refusal text;\n  place bigint;\n  moment text;\nBEGIN\n  IF (jsonb_typeof(events) = 'array') IS NOT TRUE THEN\n    refusal := 'events is not an array.';\n  ELSE\n    BEGIN\n      SELECT format('events[%s] %s', e.place - 1, e.problem) INTO refusal\n        FROM (\n          SELECT a.place, CASE\n              WHEN jsonb_typeof(a.event) <> 'object' THEN 'is not an object.'\n              WHEN coalesce(a.event ->> 'event_name', '') = '' THEN 'has no event_name.'\n              WHEN length(a.event ->> 'event_name') > 512 THEN\n                format('has an event_name of %s characters, which may have at most 512.', length(a.event ->> 'event_name'))\n              WHEN NOT isfinite((a.event ->> 'created_at')::timestamptz) THEN 'has a created_at that is not a finite time.'\n              WHEN jsonb_typeof(a.event -> 'params') NOT IN ('object', 'null') THEN 'has params that are not an object.'\n            END AS problem\n            FROM jsonb_array_elements(events) WITH ORDINALITY a (event, place)) e\n       WHERE e.problem IS NOT NULL\n       ORDER BY e.place\n       LIMIT 1;\n    EXCEPTION WHEN data_exception THEN\n      FOR place, moment IN\n        SELECT a.place, a.event ->> 'created_at' FROM jsonb_array_elements(events) WITH ORDINALITY a (event, place)\n      LOOP\n        BEGIN\n          PERFORM moment::timestamptz;\n        EXCEPTION WHEN data_exception THEN\n          refusal := format('events[%s].created_at is %L and must be a timestamp.', place - 1, left(moment, 80));\n          EXIT;\n        END;\n      END LOOP;\n    END;\n  END IF;\n  IF refusal IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,\n      HINT = 'Nothing was recorded. Correct the batch and call again.';\n  END IF;\n  -- Visitors locked first cannot be purged before their events reference them.\n  PERFORM FROM {schema}.visitors v\n    WHERE v.visitor_id IN (SELECT e.visitor_id FROM jsonb_to_recordset(events) e (visitor_id text))\n    ORDER BY v.id\n    FOR KEY SHARE;\n  INSERT INTO {schema}.tracking_events (visitor_id, event_name, event_id, params, page_url, created_at)\n  SELECT v.id, e.event_name, e.event_id, coalesce(nullif(e.params, 'null'), '{}'), e.page_url,\n         coalesce(e.created_at, now())\n    FROM jsonb_to_recordset(events) e (visitor_id text, event_name text, event_id text, params jsonb,\n      page_url text, created_at timestamptz)\n    LEFT JOIN {schema}.visitors v ON v.visitor_id = e.visitor_id;\n  GET DIAGNOSTICS recorded = ROW_COUNT;\n  RETURN recorded;\nEND\n",
          comment:
            'Records a batch of events, all or none, and returns their number. events is an array of objects with event_name and, where known, visitor_id (the cookie id), event_id, params, page_url and created_at. An event with an unknown cookie id is stored without a visitor.',
          grants: {
            service_role: ['EXECUTE'],
          },
          ownerLacks: [],
        },
        'upsert_visitor(text, text, text, text, text, text, text, text, text, text, text, timestamp with time zone)':
          {
            head: "CREATE OR REPLACE FUNCTION {schema}.upsert_visitor(INOUT visitor_id text, INOUT gclid text DEFAULT NULL::text, INOUT utm_source text DEFAULT NULL::text, INOUT utm_medium text DEFAULT NULL::text, INOUT utm_campaign text DEFAULT NULL::text, INOUT utm_term text DEFAULT NULL::text, INOUT utm_content text DEFAULT NULL::text, INOUT ip_hash text DEFAULT NULL::text, INOUT user_agent text DEFAULT NULL::text, INOUT landing_page text DEFAULT NULL::text, INOUT referrer text DEFAULT NULL::text, seen_at timestamp with time zone DEFAULT NULL::timestamp with time zone, OUT id uuid, OUT is_new boolean, OUT first_seen_at timestamp with time zone, OUT last_seen_at timestamp with time zone, OUT created_at timestamp with time zone)\n RETURNS record\n LANGUAGE plpgsql\n SET search_path TO 'pg_catalog', 'pg_temp'\n",
            body: "\n#variable_conflict use_variable\nDECLARE\n  at CONSTANT timestamptz := coalesce(seen_at, now());\n  known record;\n  refusal text := CASE\n    WHEN coalesce(upsert_visitor.visitor_id, '') = '' THEN 'visitor_id is missing.'\n    WHEN (pg_catalog.strpos(upsert_visitor.ip_hash, '.') > 0 OR pg_catalog.strpos(upsert_visitor.ip_hash, ':') > 0) AND upsert_visitor.ip_hash ~ '(^|[^0-9A-Za-z./+$_-])/*[0-9]{1,3}([.][0-9]{1,3}){3}[.]?($|[^0-9A-Za-z.+$])|(^|[^0-9A-Za-z./+$_:-])/*(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){6}[0-9]{1,3}([.][0-9]{1,3}){3}|([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?::(([0-9A-Fa-f]{1,4}:){0,6}([0-9A-Fa-f]{1,4}|[0-9]{1,3}([.][0-9]{1,3}){3}))?)(:[0-9]{1,5})?($|[^0-9A-Za-z.+$:])' THEN\n      'ip_hash is an IP address and must be the hash of one.'\n    WHEN NOT isfinite(at) THEN 'seen_at is not a finite time.'\n  END;\nBEGIN\n  IF refusal IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,\n      HINT = 'Nothing was recorded. Correct the argument and call again.';\n  END IF;\n  SELECT v.* INTO known\n    FROM {schema}.visitors v\n   WHERE v.visitor_id = left(upsert_visitor.visitor_id, 512)\n     AND at < v.last_seen_at + interval '1 minute'\n     AND (CASE WHEN length(upsert_visitor.gclid) BETWEEN 1 AND 512 THEN upsert_visitor.gclid END IS NULL OR CASE WHEN length(upsert_visitor.gclid) BETWEEN 1 AND 512 THEN upsert_visitor.gclid END = v.gclid OR (at < v.last_seen_at AND v.gclid IS NOT NULL))\n     AND (num_nonnulls(nullif(upsert_visitor.utm_source, ''), nullif(upsert_visitor.utm_medium, ''), nullif(upsert_visitor.utm_campaign, ''), nullif(upsert_visitor.utm_term, ''), nullif(upsert_visitor.utm_content, '')) = 0 OR NOT num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0)\n     AND (nullif(upsert_visitor.ip_hash, '') IS NULL OR v.ip_hash IS NOT NULL)\n     AND (nullif(upsert_visitor.user_agent, '') IS NULL OR v.user_agent IS NOT NULL)\n     AND (nullif(upsert_visitor.landing_page, '') IS NULL OR v.landing_page IS NOT NULL)\n     AND (nullif(upsert_visitor.referrer, '') IS NULL OR v.referrer IS NOT NULL);\n  IF FOUND THEN\n    is_new := false;\n    id := known.id;\n    visitor_id := known.visitor_id;\n    gclid := known.gclid;\n    utm_source := known.utm_source;\n    utm_medium := known.utm_medium;\n    utm_campaign := known.utm_campaign;\n    utm_term := known.utm_term;\n    utm_content := known.utm_content;\n    ip_hash := known.ip_hash;\n    user_agent := known.user_agent;\n    landing_page := known.landing_page;\n    referrer := known.referrer;\n    first_seen_at := known.first_seen_at;\n    last_seen_at := known.last_seen_at;\n    created_at := known.created_at;\n    RETURN;\n  END IF;\n  INSERT INTO {schema}.visitors AS v (visitor_id, gclid, utm_source, utm_medium, utm_campaign, utm_term,\n    utm_content, ip_hash, user_agent, landing_page, referrer, first_seen_at, last_seen_at)\n  VALUES (left(upsert_visitor.visitor_id, 512), CASE WHEN length(upsert_visitor.gclid) BETWEEN 1 AND 512 THEN upsert_visitor.gclid END, nullif(upsert_visitor.utm_source, ''), nullif(upsert_visitor.utm_medium, ''), nullif(upsert_visitor.utm_campaign, ''), nullif(upsert_visitor.utm_term, ''), nullif(upsert_visitor.utm_content, ''), nullif(upsert_visitor.ip_hash, ''), nullif(upsert_visitor.user_agent, ''), nullif(upsert_visitor.landing_page, ''), nullif(upsert_visitor.referrer, ''), at, at)\n  ON CONFLICT ON CONSTRAINT idx_visitors_visitor_id DO UPDATE\n    SET gclid = CASE WHEN excluded.last_seen_at < v.last_seen_at THEN coalesce(v.gclid, excluded.gclid)\n          ELSE coalesce(excluded.gclid, v.gclid) END,\n        utm_source = CASE WHEN num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0 THEN excluded.utm_source ELSE v.utm_source END,\n        utm_medium = CASE WHEN num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0 THEN excluded.utm_medium ELSE v.utm_medium END,\n        utm_campaign = CASE WHEN num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0 THEN excluded.utm_campaign ELSE v.utm_campaign END,\n        utm_term = CASE WHEN num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0 THEN excluded.utm_term ELSE v.utm_term END,\n        utm_content = CASE WHEN num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0 THEN excluded.utm_content ELSE v.utm_content END,\n        ip_hash = coalesce(v.ip_hash, excluded.ip_hash),\n        user_agent = coalesce(v.user_agent, excluded.user_agent),\n        landing_page = coalesce(v.landing_page, excluded.landing_page),\n        referrer = coalesce(v.referrer, excluded.referrer),\n        last_seen_at = greatest(v.last_seen_at, excluded.last_seen_at)\n  RETURNING v.id, v.xmax = 0, v.visitor_id, v.gclid, v.utm_source, v.utm_medium, v.utm_campaign,\n    v.utm_term, v.utm_content, v.ip_hash, v.user_agent, v.landing_page, v.referrer, v.first_seen_at,\n    v.last_seen_at, v.created_at\n  INTO id, is_new, visitor_id, gclid, utm_source, utm_medium, utm_campaign, utm_term, utm_content,\n    ip_hash, user_agent, landing_page, referrer, first_seen_at, last_seen_at, created_at;\nEND\n",
            comment:
              'Creates or updates the visitor with this cookie id. Of a known visitor, last_seen_at advances, by less than a minute only if something else changes as well, and gclid becomes that of the latest click; other columns keep their first known value. The five utm columns are set together, from the first visit that has any. A visitor_id is cut to 512 characters; a gclid of more is ignored.',
            grants: {
              service_role: ['EXECUTE'],
            },
            ownerLacks: [],
          },
      },
    },
  },
  {
    migration: '20261128101300000_create-purge-tracking-data',
    adds: {
      functions: {
        'purge_tracking_data(interval, integer)': {
          head: "CREATE OR REPLACE FUNCTION {schema}.purge_tracking_data(older_than interval, \"limit\" integer DEFAULT 10000)\n RETURNS TABLE(deleted_events integer, deleted_visitors integer, deleted_requests integer, done boolean)\n LANGUAGE plpgsql\n ROWS 1\n SET row_security TO 'off'\n SET search_path TO 'pg_catalog', 'pg_temp'\n",
          body: "\n#variable_conflict use_variable\nDECLARE\n  since CONSTANT timestamptz := clock_timestamp() - older_than;\n  wanted CONSTANT integer := purge_tracking_data.\"limit\";\n  target regclass;\n  moment text;\n  unreferenced text;\n  locked tid[];\n  deleted integer;\n  total integer := 0;\n  refusal text := CASE\n    WHEN (older_than >= make_interval(days => 1) AND since <= clock_timestamp()) IS NOT TRUE THEN\n      format('older_than is %s and must be at least 1 day; a number without a unit means seconds.', coalesce(older_than::text, 'null'))\n    WHEN (wanted >= 1) IS NOT TRUE THEN\n      format('limit is %s and must be at least 1.', coalesce(wanted::text, 'null'))\n  END;\nBEGIN\n  IF refusal IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,\n      HINT = 'Nothing was deleted. Correct the argument and call again.';\n  END IF;\n  IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN\n    RAISE EXCEPTION USING ERRCODE = 'invalid_transaction_state',\n      MESSAGE = 'purge_tracking_data cannot see new references to visitors under this isolation level.',\n      HINT = 'Nothing was deleted. Call it under READ COMMITTED.';\n  END IF;\n  deleted_events := 0;\n  deleted_visitors := 0;\n  deleted_requests := 0;\n  FOR target, moment IN\n    SELECT t.target, t.moment\n      FROM (VALUES\n        (1, (SELECT t.typrelid FROM pg_type t WHERE t.oid = pg_typeof(NULL::{schema}.tracking_events)), 'created_at'),\n        (2, (SELECT t.typrelid FROM pg_type t WHERE t.oid = pg_typeof(NULL::{schema}.visitors)), 'last_seen_at'),\n        (3, (SELECT t.typrelid FROM pg_type t WHERE t.oid = pg_typeof(NULL::{schema}.upload_requests)), 'settled_at')) t (turn, target, moment)\n     ORDER BY t.turn\n  LOOP\n    EXIT WHEN total = wanted;\n    SELECT coalesce(string_agg(format(' AND NOT EXISTS (SELECT FROM %s r WHERE %s)', k.conrelid::regclass, k.same), ''), '')\n      INTO unreferenced\n      FROM (\n        SELECT f.conrelid, (\n                 SELECT string_agg(format('t.%I OPERATOR(%s) r.%I', b.attname, op.name, a.attname), ' AND ')\n                   FROM unnest(f.conkey, f.confkey, f.conpfeqop) c (own, other, equal)\n                   JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = c.own\n                   JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = c.other\n                   CROSS JOIN LATERAL (\n                     SELECT format('%I.%s', n.nspname, o.oprname) AS name\n                       FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace\n                      WHERE o.oid = c.equal) op) AS same\n          FROM pg_constraint f\n         WHERE f.confrelid = target AND f.contype = 'f' AND f.conparentid = 0) k;\n    EXECUTE format(\n      'SELECT array_agg(l.ctid) FROM (\n         SELECT t.ctid FROM %1$s t WHERE t.%2$I < $1%3$s ORDER BY t.%2$I LIMIT $2 FOR UPDATE SKIP LOCKED) l',\n      target, moment, unreferenced) INTO locked USING since, wanted - total;\n    EXECUTE format('DELETE FROM %s t WHERE t.ctid = ANY ($1)%s', target, unreferenced) USING locked;\n    GET DIAGNOSTICS deleted = ROW_COUNT;\n    total := total + deleted;\n    CASE moment\n      WHEN 'created_at' THEN deleted_events := deleted;\n      WHEN 'last_seen_at' THEN deleted_visitors := deleted;\n      ELSE deleted_requests := deleted;\n    END CASE;\n  END LOOP;\n  done := total < wanted;\n  RETURN NEXT;\nEND\n",
          comment:
            'Deletes events older than older_than. When none are left, deletes visitors not seen since then that no row references, and upload requests settled before then. Deletes at most limit rows: repeat until done is true. Conversions and leads are kept.',
          grants: {
            service_role: ['EXECUTE'],
          },
          ownerLacks: [],
        },
      },
    },
  },
];
