import type { ManifestStep } from './catalogue.ts';

/** What each migration adds to the schema, as a server describes it. Generated: npm run generate. */
export const MANIFEST: readonly ManifestStep[] = [
  {
    migration: '20261122110000000_require-leads',
    adds: {
      tables: {
        leads: {
          comment:
            'Stand-in for the leads table of the host application, made by conversion-tracking-schema.',
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
              comment: 'Primary key; conversions.lead_id refers to it.',
              grants: {},
            },
            created_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was inserted.',
              grants: {},
            },
          },
          sequences: {},
          constraints: {
            leads_pkey: {
              definition: 'PRIMARY KEY (id)',
              columns: ['id'],
              enforced: true,
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
      functions: {},
      ledger: {
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
            grants: {},
          },
          name: {
            type: 'character varying(255)',
            notNull: true,
            default: null,
            comment: null,
            grants: {},
          },
          run_on: {
            type: 'timestamp without time zone',
            notNull: true,
            default: null,
            comment: null,
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
            enforced: true,
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
    migration: '20261122110100000_create-visitors',
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
              comment: 'Primary key; tracking_events.visitor_id refers to it.',
              grants: {},
            },
            visitor_id: {
              type: 'text',
              notNull: true,
              default: null,
              comment: "The id kept in the browser's cookie.",
              grants: {},
            },
            gclid: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'Google Ads click id that the visitor arrived with.',
              grants: {},
            },
            utm_source: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'utm_source of the first visit.',
              grants: {},
            },
            utm_medium: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'utm_medium of the first visit.',
              grants: {},
            },
            utm_campaign: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'utm_campaign of the first visit.',
              grants: {},
            },
            utm_term: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'utm_term of the first visit.',
              grants: {},
            },
            utm_content: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'utm_content of the first visit.',
              grants: {},
            },
            ip_hash: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'SHA-256 of the IP address, best keyed (HMAC). Never the address itself.',
              grants: {},
            },
            user_agent: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'User-Agent header.',
              grants: {},
            },
            landing_page: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'First page visited.',
              grants: {},
            },
            referrer: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'HTTP referrer.',
              grants: {},
            },
            first_seen_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the visitor was first seen.',
              grants: {},
            },
            last_seen_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the visitor was last seen.',
              grants: {},
            },
            created_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was inserted.',
              grants: {},
            },
          },
          sequences: {},
          constraints: {
            idx_visitors_visitor_id: {
              definition: 'UNIQUE (visitor_id)',
              columns: ['visitor_id'],
              enforced: true,
              comment: null,
            },
            visitors_pkey: {
              definition: 'PRIMARY KEY (id)',
              columns: ['id'],
              enforced: true,
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
    migration: '20261122110200000_create-conversions',
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
              comment: 'Primary key; conversion_queue.conversion_id refers to it.',
              grants: {},
            },
            lead_id: {
              type: 'uuid',
              notNull: true,
              default: null,
              comment: 'The lead, a row of leads.',
              grants: {},
            },
            conversion_type: {
              type: 'text',
              notNull: true,
              default: null,
              comment: 'What the CRM reported: qualified or closed.',
              grants: {},
            },
            conversion_value: {
              type: 'numeric(10,2)',
              notNull: false,
              default: null,
              comment: 'Value of the conversion, if known.',
              grants: {},
            },
            conversion_currency: {
              type: 'text',
              notNull: false,
              default: "'EUR'::text",
              comment: 'Currency of the value, an ISO 4217 code.',
              grants: {},
            },
            idempotency_key: {
              type: 'text',
              notNull: true,
              default: null,
              comment:
                'crm_deal_id:conversion_type. Keeps one row per reported conversion, and serves as the transaction id of the upload.',
              grants: {},
            },
            crm_deal_id: {
              type: 'text',
              notNull: false,
              default: null,
              comment: "The CRM's own id of the deal.",
              grants: {},
            },
            gclid: {
              type: 'text',
              notNull: false,
              default: null,
              comment: "Google Ads click id, copied from the lead's visitor.",
              grants: {},
            },
            email_hash: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'SHA-256 of the normalised e-mail address, for Enhanced Conversions.',
              grants: {},
            },
            utm_source: {
              type: 'text',
              notNull: false,
              default: null,
              comment: "utm_source, copied from the lead's visitor.",
              grants: {},
            },
            utm_medium: {
              type: 'text',
              notNull: false,
              default: null,
              comment: "utm_medium, copied from the lead's visitor.",
              grants: {},
            },
            utm_campaign: {
              type: 'text',
              notNull: false,
              default: null,
              comment: "utm_campaign, copied from the lead's visitor.",
              grants: {},
            },
            created_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was inserted.',
              grants: {},
            },
            updated_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was last changed.',
              grants: {},
            },
          },
          sequences: {},
          constraints: {
            conversions_conversion_type_check: {
              definition:
                "CHECK ((conversion_type = ANY (ARRAY['qualified'::text, 'closed'::text])))",
              columns: ['conversion_type'],
              enforced: true,
              comment: null,
            },
            conversions_lead_id_fkey: {
              definition: 'FOREIGN KEY (lead_id) REFERENCES {leads}(id) ON DELETE CASCADE',
              columns: ['lead_id'],
              enforced: true,
              comment: null,
            },
            conversions_pkey: {
              definition: 'PRIMARY KEY (id)',
              columns: ['id'],
              enforced: true,
              comment: null,
            },
            idx_conversions_idempotency_key: {
              definition: 'UNIQUE (idempotency_key)',
              columns: ['idempotency_key'],
              enforced: true,
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
    migration: '20261122110300000_create-conversion-queue',
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
              grants: {},
            },
            conversion_id: {
              type: 'uuid',
              notNull: true,
              default: null,
              comment: 'The conversion to upload, a row of conversions.',
              grants: {},
            },
            platform: {
              type: 'text',
              notNull: true,
              default: "'google_ads'::text",
              comment: 'Where to upload to.',
              grants: {},
            },
            status: {
              type: 'text',
              notNull: true,
              default: "'pending'::text",
              comment: 'pending, uploaded, failed (to be tried again) or dead_letter (given up).',
              grants: {},
            },
            retry_count: {
              type: 'integer',
              notNull: true,
              default: '0',
              comment: 'Tries that failed; at most max_retries.',
              grants: {},
            },
            max_retries: {
              type: 'integer',
              notNull: true,
              default: '5',
              comment: 'Tries after which the entry becomes a dead letter.',
              grants: {},
            },
            next_retry_at: {
              type: 'timestamp with time zone',
              notNull: false,
              default: null,
              comment: 'When the entry is due; null while pending and never tried.',
              grants: {},
            },
            last_error: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'What the last failed try answered.',
              grants: {},
            },
            uploaded_at: {
              type: 'timestamp with time zone',
              notNull: false,
              default: null,
              comment: 'When the platform took the conversion.',
              grants: {},
            },
            created_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was inserted.',
              grants: {},
            },
            updated_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was last changed.',
              grants: {},
            },
          },
          sequences: {},
          constraints: {
            conversion_queue_conversion_id_fkey: {
              definition:
                'FOREIGN KEY (conversion_id) REFERENCES {schema}.conversions(id) ON DELETE CASCADE',
              columns: ['conversion_id'],
              enforced: true,
              comment: null,
            },
            conversion_queue_pkey: {
              definition: 'PRIMARY KEY (id)',
              columns: ['id'],
              enforced: true,
              comment: null,
            },
            conversion_queue_status_check: {
              definition:
                "CHECK ((status = ANY (ARRAY['pending'::text, 'uploaded'::text, 'failed'::text, 'dead_letter'::text])))",
              columns: ['status'],
              enforced: true,
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
    migration: '20261122110400000_create-tracking-events',
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
              grants: {},
            },
            visitor_id: {
              type: 'uuid',
              notNull: false,
              default: null,
              comment: 'The visitor, a row of visitors; null once that row is gone.',
              grants: {},
            },
            event_name: {
              type: 'text',
              notNull: true,
              default: null,
              comment: 'What happened: page_view, generate_lead, form_start and the like.',
              grants: {},
            },
            event_id: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'Shared with GA4, for deduplication.',
              grants: {},
            },
            params: {
              type: 'jsonb',
              notNull: false,
              default: "'{}'::jsonb",
              comment: 'Parameters of the event, a JSON object.',
              grants: {},
            },
            page_url: {
              type: 'text',
              notNull: false,
              default: null,
              comment: 'Page on which it happened.',
              grants: {},
            },
            created_at: {
              type: 'timestamp with time zone',
              notNull: true,
              default: 'now()',
              comment: 'When the row was inserted.',
              grants: {},
            },
          },
          sequences: {},
          constraints: {
            tracking_events_pkey: {
              definition: 'PRIMARY KEY (id)',
              columns: ['id'],
              enforced: true,
              comment: null,
            },
            tracking_events_visitor_id_fkey: {
              definition:
                'FOREIGN KEY (visitor_id) REFERENCES {schema}.visitors(id) ON DELETE SET NULL',
              columns: ['visitor_id'],
              enforced: true,
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
    migration: '20261122110500000_add-checks',
    adds: {
      tables: {
        conversion_queue: {
          constraints: {
            conversion_queue_retry_count_check: {
              definition: 'CHECK (((retry_count >= 0) AND (retry_count <= max_retries)))',
              columns: ['max_retries', 'retry_count'],
              enforced: true,
              comment: 'An entry is tried at most max_retries times.',
            },
          },
        },
        conversions: {
          constraints: {
            conversions_conversion_currency_check: {
              definition: "CHECK ((conversion_currency ~ '^[A-Z]{3}$'::text))",
              columns: ['conversion_currency'],
              enforced: true,
              comment: 'An ISO 4217 code has three capital letters.',
            },
            conversions_idempotency_key_check: {
              definition:
                "CHECK ((idempotency_key = ((crm_deal_id || ':'::text) || conversion_type)))",
              columns: ['conversion_type', 'crm_deal_id', 'idempotency_key'],
              enforced: true,
              comment: 'Where the deal is known, the key is made of it.',
            },
          },
        },
        tracking_events: {
          constraints: {
            tracking_events_params_check: {
              definition: "CHECK ((jsonb_typeof(params) = 'object'::text))",
              columns: ['params'],
              enforced: true,
              comment: 'Parameters are a JSON object.',
            },
          },
        },
        visitors: {
          constraints: {
            visitors_ip_hash_check: {
              definition:
                "CHECK ((ip_hash !~* '(^|[^0-9A-Za-z./+$_-])/*[0-9]{1,3}([.][0-9]{1,3}){3}[.]?($|[^0-9A-Za-z.+$])|(^|[^0-9A-Za-z./+$_:-])/*(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}:){6}[0-9]{1,3}([.][0-9]{1,3}){3}|([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,6})?::(([0-9a-f]{1,4}:){0,6}([0-9a-f]{1,4}|[0-9]{1,3}([.][0-9]{1,3}){3}))?)(:[0-9]{1,5})?($|[^0-9A-Za-z.+$:])'::text))",
              columns: ['ip_hash'],
              enforced: true,
              comment: 'Refuses a raw IPv4 or IPv6 address.',
            },
          },
        },
      },
    },
  },
  {
    migration: '20261122110600000_add-updated-at-triggers',
    adds: {
      tables: {
        conversion_queue: {
          triggers: {
            conversion_queue_set_updated_at: {
              definition:
                'CREATE TRIGGER conversion_queue_set_updated_at BEFORE UPDATE ON {table} FOR EACH ROW WHEN ((old.* *<> new.*)) EXECUTE FUNCTION {schema}.tracking_set_updated_at()',
              enabled: true,
              comment: 'Keeps updated_at current when a row really changes.',
            },
          },
        },
        conversions: {
          triggers: {
            conversions_set_updated_at: {
              definition:
                'CREATE TRIGGER conversions_set_updated_at BEFORE UPDATE ON {table} FOR EACH ROW WHEN ((old.* *<> new.*)) EXECUTE FUNCTION {schema}.tracking_set_updated_at()',
              enabled: true,
              comment: 'Keeps updated_at current when a row really changes.',
            },
          },
        },
      },
      functions: {
        'tracking_set_updated_at()': {
          definition:
            "CREATE OR REPLACE FUNCTION {schema}.tracking_set_updated_at()\n RETURNS trigger\n LANGUAGE plpgsql\n SET search_path TO ''\nAS $function$\nBEGIN\n  NEW.updated_at := now();\n  RETURN NEW;\nEND\n$function$\n",
          comment: 'Trigger function: sets updated_at to the time of the transaction.',
          grants: {},
          ownerLacks: [],
        },
      },
    },
  },
  {
    migration: '20261122110700000_declare-release',
    adds: {},
  },
];
