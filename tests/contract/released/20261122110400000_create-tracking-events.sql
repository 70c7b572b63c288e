-- up
SET LOCAL timezone = 'UTC';
CREATE TABLE "tracking_events" (
  "id" uuid DEFAULT gen_random_uuid() PRIMARY KEY,
  "visitor_id" uuid,
  "event_name" text NOT NULL,
  "event_id" text,
  "params" jsonb DEFAULT '{}'::jsonb,
  "page_url" text,
  "created_at" timestamptz DEFAULT now() NOT NULL
);
COMMENT ON COLUMN "tracking_events"."id" IS $pga$Primary key.$pga$;
COMMENT ON COLUMN "tracking_events"."visitor_id" IS $pga$The visitor, a row of visitors; null once that row is gone.$pga$;
COMMENT ON COLUMN "tracking_events"."event_name" IS $pga$What happened: page_view, generate_lead, form_start and the like.$pga$;
COMMENT ON COLUMN "tracking_events"."event_id" IS $pga$Shared with GA4, for deduplication.$pga$;
COMMENT ON COLUMN "tracking_events"."params" IS $pga$Parameters of the event, a JSON object.$pga$;
COMMENT ON COLUMN "tracking_events"."page_url" IS $pga$Page on which it happened.$pga$;
COMMENT ON COLUMN "tracking_events"."created_at" IS $pga$When the row was inserted.$pga$;
COMMENT ON TABLE "tracking_events" IS $pga$What a visitor did.$pga$;
ALTER TABLE "tracking_events"
  ADD CONSTRAINT "tracking_events_visitor_id_fkey" FOREIGN KEY ("visitor_id") REFERENCES visitors(id) ON DELETE SET NULL;
CREATE INDEX "idx_tracking_events_visitor_id" ON "tracking_events" ("visitor_id");
CREATE INDEX "idx_tracking_events_event_name" ON "tracking_events" ("event_name");
CREATE INDEX "idx_tracking_events_created_at" ON "tracking_events" ("created_at");
DO $access$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  target CONSTANT regclass := 'tracking_events';
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;

  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', target);
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_class c
      CROSS JOIN LATERAL (
        SELECT e.grantee FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) e
        UNION SELECT e.grantee FROM pg_attribute t, aclexplode(t.attacl) e WHERE t.attrelid = c.oid
        UNION SELECT 0::oid
      ) a
     WHERE c.oid = target AND a.grantee <> c.relowner
  LOOP
    EXECUTE format('REVOKE ALL ON TABLE %s FROM %s CASCADE', target, grantee);
    EXECUTE format('REVOKE ALL ON TYPE %s FROM %s CASCADE', target, grantee);
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %s TO service_role', target);
  END IF;
  PERFORM set_config('search_path', path, true);
END
$access$;

-- down
DROP TABLE "tracking_events";
