import type { MigrationBuilder } from 'node-pg-migrate';
import { looksLikeAddress } from './shared/addresses.ts';
import { revokeGranted } from './shared/event-triggers.ts';
import {
  type ClientFunction,
  createClientFunction,
  dropClientFunction,
  LONGEST_TEXT,
  MOST_SHOWN,
  refuse,
} from './shared/functions.ts';
import { recordInUtc } from './shared/migrations-table.ts';

/** Where all five utm columns are null, the source of the visitor is still unknown. */
const NO_UTM =
  'num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0';

const UTM = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'];
const FIRST = ['ip_hash', 'user_agent', 'landing_page', 'referrer'];

/**
 * An empty string counts as not given. So does a click id that is too long: values of a request must
 * not fail the request, and a part of a click id is worth nothing.
 */
const given = (name: string): string =>
  name === 'gclid'
    ? `CASE WHEN length(upsert_visitor.gclid) BETWEEN 1 AND ${LONGEST_TEXT} THEN upsert_visitor.gclid END`
    : `nullif(upsert_visitor.${name}, '')`;
const GIVEN = ['gclid', ...UTM, ...FIRST].map(given);

const first = (name: string): string => `${name} = coalesce(v.${name}, excluded.${name})`;

const utm = (name: string): string =>
  `${name} = CASE WHEN ${NO_UTM} THEN excluded.${name} ELSE v.${name} END`;

/**
 * A visit that would change nothing but last_seen_at, by less than a minute. Since that column is
 * indexed, writing it costs a new entry in every index.
 */
const NOTHING_NEW = [
  "at < v.last_seen_at + interval '1 minute'",
  `(${given('gclid')} IS NULL OR ${given('gclid')} = v.gclid OR (at < v.last_seen_at AND v.gclid IS NOT NULL))`,
  `(num_nonnulls(${UTM.map(given).join(', ')}) = 0 OR NOT ${NO_UTM})`,
  ...FIRST.map((name) => `(${given(name)} IS NULL OR v.${name} IS NOT NULL)`),
];

const COLUMNS = [
  'id',
  'visitor_id',
  'gclid',
  ...UTM,
  ...FIRST,
  'first_seen_at',
  'last_seen_at',
  'created_at',
];

const UPSERT_VISITOR: ClientFunction = {
  name: 'upsert_visitor',
  types: 'text, text, text, text, text, text, text, text, text, text, text, timestamptz',
  comment:
    'Creates or updates the visitor with this cookie id. Of a known visitor, last_seen_at advances, by less than a minute only if something else changes as well, and gclid becomes that of the latest click; other columns keep their first known value. The five utm columns are set together, from the first visit that has any. A visitor_id is cut to 512 characters; a gclid of more is ignored.',
  declaration: `(
  INOUT visitor_id text,
  INOUT gclid text DEFAULT NULL,
  INOUT utm_source text DEFAULT NULL,
  INOUT utm_medium text DEFAULT NULL,
  INOUT utm_campaign text DEFAULT NULL,
  INOUT utm_term text DEFAULT NULL,
  INOUT utm_content text DEFAULT NULL,
  INOUT ip_hash text DEFAULT NULL,
  INOUT user_agent text DEFAULT NULL,
  INOUT landing_page text DEFAULT NULL,
  INOUT referrer text DEFAULT NULL,
  seen_at timestamptz DEFAULT NULL,
  OUT id uuid,
  OUT is_new boolean,
  OUT first_seen_at timestamptz,
  OUT last_seen_at timestamptz,
  OUT created_at timestamptz)
`,
  body: `
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := coalesce(seen_at, now());
  known record;
  refusal text := CASE
    WHEN coalesce(upsert_visitor.visitor_id, '') = '' THEN 'visitor_id is missing.'
    WHEN ${looksLikeAddress('upsert_visitor.ip_hash')} THEN
      'ip_hash is an IP address and must be the hash of one.'
    WHEN NOT isfinite(at) THEN 'seen_at is not a finite time.'
  END;
BEGIN
${refuse('Nothing was recorded. Correct the argument and call again.')}  SELECT v.* INTO known
    FROM {schema}.visitors v
   WHERE v.visitor_id = left(upsert_visitor.visitor_id, ${LONGEST_TEXT})
     AND ${NOTHING_NEW.join('\n     AND ')};
  IF FOUND THEN
    is_new := false;
    ${COLUMNS.map((name) => `${name} := known.${name};`).join('\n    ')}
    RETURN;
  END IF;
  INSERT INTO {schema}.visitors AS v (visitor_id, gclid, utm_source, utm_medium, utm_campaign, utm_term,
    utm_content, ip_hash, user_agent, landing_page, referrer, first_seen_at, last_seen_at)
  VALUES (left(upsert_visitor.visitor_id, ${LONGEST_TEXT}), ${GIVEN.join(', ')}, at, at)
  ON CONFLICT ON CONSTRAINT idx_visitors_visitor_id DO UPDATE
    SET gclid = CASE WHEN excluded.last_seen_at < v.last_seen_at THEN coalesce(v.gclid, excluded.gclid)
          ELSE coalesce(excluded.gclid, v.gclid) END,
        ${[...UTM.map(utm), ...FIRST.map(first)].join(',\n        ')},
        last_seen_at = greatest(v.last_seen_at, excluded.last_seen_at)
  RETURNING v.id, v.xmax = 0, v.visitor_id, v.gclid, v.utm_source, v.utm_medium, v.utm_campaign,
    v.utm_term, v.utm_content, v.ip_hash, v.user_agent, v.landing_page, v.referrer, v.first_seen_at,
    v.last_seen_at, v.created_at
  INTO id, is_new, visitor_id, gclid, utm_source, utm_medium, utm_campaign, utm_term, utm_content,
    ip_hash, user_agent, landing_page, referrer, first_seen_at, last_seen_at, created_at;
END
`,
};

const RECORD_EVENTS: ClientFunction = {
  name: 'record_events',
  types: 'jsonb',
  comment:
    'Records a batch of events, all or none, and returns their number. events is an array of objects with event_name and, where known, visitor_id (the cookie id), event_id, params, page_url and created_at. An event with an unknown cookie id is stored without a visitor.',
  declaration: `(events jsonb)
RETURNS integer
`,
  body: `
#variable_conflict use_variable
DECLARE
  recorded integer;
  refusal text;
  place bigint;
  moment text;
BEGIN
  IF (jsonb_typeof(events) = 'array') IS NOT TRUE THEN
    refusal := 'events is not an array.';
  ELSE
    BEGIN
      SELECT format('events[%s] %s', e.place - 1, e.problem) INTO refusal
        FROM (
          SELECT a.place, CASE
              WHEN jsonb_typeof(a.event) <> 'object' THEN 'is not an object.'
              WHEN coalesce(a.event ->> 'event_name', '') = '' THEN 'has no event_name.'
              WHEN length(a.event ->> 'event_name') > ${LONGEST_TEXT} THEN
                format('has an event_name of %s characters, which may have at most ${LONGEST_TEXT}.', length(a.event ->> 'event_name'))
              WHEN NOT isfinite((a.event ->> 'created_at')::timestamptz) THEN 'has a created_at that is not a finite time.'
              WHEN jsonb_typeof(a.event -> 'params') NOT IN ('object', 'null') THEN 'has params that are not an object.'
            END AS problem
            FROM jsonb_array_elements(events) WITH ORDINALITY a (event, place)) e
       WHERE e.problem IS NOT NULL
       ORDER BY e.place
       LIMIT 1;
    EXCEPTION WHEN data_exception THEN
      FOR place, moment IN
        SELECT a.place, a.event ->> 'created_at' FROM jsonb_array_elements(events) WITH ORDINALITY a (event, place)
      LOOP
        BEGIN
          PERFORM moment::timestamptz;
        EXCEPTION WHEN data_exception THEN
          refusal := format('events[%s].created_at is %L and must be a timestamp.', place - 1, left(moment, ${MOST_SHOWN}));
          EXIT;
        END;
      END LOOP;
    END;
  END IF;
${refuse('Nothing was recorded. Correct the batch and call again.')}  -- Visitors locked first cannot be purged before their events reference them.
  PERFORM FROM {schema}.visitors v
    WHERE v.visitor_id IN (SELECT e.visitor_id FROM jsonb_to_recordset(events) e (visitor_id text))
    ORDER BY v.id
    FOR KEY SHARE;
  INSERT INTO {schema}.tracking_events (visitor_id, event_name, event_id, params, page_url, created_at)
  SELECT v.id, e.event_name, e.event_id, coalesce(nullif(e.params, 'null'), '{}'), e.page_url,
         coalesce(e.created_at, now())
    FROM jsonb_to_recordset(events) e (visitor_id text, event_name text, event_id text, params jsonb,
      page_url text, created_at timestamptz)
    LEFT JOIN {schema}.visitors v ON v.visitor_id = e.visitor_id;
  GET DIAGNOSTICS recorded = ROW_COUNT;
  RETURN recorded;
END
`,
};

const FUNCTIONS = [UPSERT_VISITOR, RECORD_EVENTS];

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  for (const one of FUNCTIONS) createClientFunction(pgm, one);
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  for (const one of FUNCTIONS) dropClientFunction(pgm, one);
}
