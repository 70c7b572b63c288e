-- up
SET LOCAL timezone = 'UTC';
SELECT set_config('lock_timeout', '5s', true) WHERE current_setting('lock_timeout') = '0';
CREATE TABLE "conversions" (
  "id" uuid DEFAULT gen_random_uuid() PRIMARY KEY,
  "lead_id" uuid NOT NULL,
  "conversion_type" text NOT NULL,
  "conversion_value" numeric(10,2),
  "conversion_currency" text DEFAULT $pga$EUR$pga$,
  "idempotency_key" text NOT NULL,
  "crm_deal_id" text,
  "gclid" text,
  "email_hash" text,
  "utm_source" text,
  "utm_medium" text,
  "utm_campaign" text,
  "created_at" timestamptz DEFAULT now() NOT NULL,
  "updated_at" timestamptz DEFAULT now() NOT NULL
);
COMMENT ON COLUMN "conversions"."id" IS $pga$Primary key; conversion_queue.conversion_id refers to it.$pga$;
COMMENT ON COLUMN "conversions"."lead_id" IS $pga$The lead, a row of leads.$pga$;
COMMENT ON COLUMN "conversions"."conversion_type" IS $pga$What the CRM reported: qualified or closed.$pga$;
COMMENT ON COLUMN "conversions"."conversion_value" IS $pga$Value of the conversion, if known.$pga$;
COMMENT ON COLUMN "conversions"."conversion_currency" IS $pga$Currency of the value, an ISO 4217 code.$pga$;
COMMENT ON COLUMN "conversions"."idempotency_key" IS $pga$crm_deal_id:conversion_type. Keeps one row per reported conversion, and serves as the transaction id of the upload.$pga$;
COMMENT ON COLUMN "conversions"."crm_deal_id" IS $pga$The CRM's own id of the deal.$pga$;
COMMENT ON COLUMN "conversions"."gclid" IS $pga$Google Ads click id, copied from the lead's visitor.$pga$;
COMMENT ON COLUMN "conversions"."email_hash" IS $pga$SHA-256 of the normalised e-mail address, for Enhanced Conversions.$pga$;
COMMENT ON COLUMN "conversions"."utm_source" IS $pga$utm_source, copied from the lead's visitor.$pga$;
COMMENT ON COLUMN "conversions"."utm_medium" IS $pga$utm_medium, copied from the lead's visitor.$pga$;
COMMENT ON COLUMN "conversions"."utm_campaign" IS $pga$utm_campaign, copied from the lead's visitor.$pga$;
COMMENT ON COLUMN "conversions"."created_at" IS $pga$When the row was inserted.$pga$;
COMMENT ON COLUMN "conversions"."updated_at" IS $pga$When the row was last changed.$pga$;
COMMENT ON TABLE "conversions" IS $pga$One row per qualified or closed lead.$pga$;
ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_conversion_type_check" CHECK (conversion_type IN ('qualified', 'closed'));
ALTER TABLE "conversions"
  ADD CONSTRAINT "idx_conversions_idempotency_key" UNIQUE ("idempotency_key");
CREATE INDEX "idx_conversions_lead_id" ON "conversions" ("lead_id");
CREATE INDEX "idx_conversions_created_at" ON "conversions" ("created_at");
CREATE INDEX "idx_conversions_type" ON "conversions" ("conversion_type");
DO $access$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  target CONSTANT regclass := 'conversions';
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
ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_lead_id_fkey" FOREIGN KEY ("lead_id") REFERENCES leads(id) ON DELETE CASCADE;

-- down
DROP TABLE "conversions";
