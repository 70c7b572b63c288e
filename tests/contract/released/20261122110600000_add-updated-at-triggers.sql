-- up
SET LOCAL timezone = 'UTC';
CREATE FUNCTION "tracking_set_updated_at"()
  RETURNS trigger
  AS $pga$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$pga$
  VOLATILE
  LANGUAGE plpgsql
  SET "search_path" TO '';
COMMENT ON FUNCTION tracking_set_updated_at() IS 'Trigger function: sets updated_at to the time of the transaction.';
DO $access$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  target CONSTANT regprocedure := 'tracking_set_updated_at()';
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;

  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_proc p
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     WHERE p.oid = target AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', target, grantee);
  END LOOP;
  PERFORM set_config('search_path', path, true);
END
$access$;
CREATE TRIGGER "conversions_set_updated_at"
  BEFORE UPDATE ON "conversions"
  FOR EACH ROW
  WHEN (OLD.* OPERATOR(pg_catalog.*<>) NEW.*)
  EXECUTE PROCEDURE "tracking_set_updated_at"();
COMMENT ON TRIGGER conversions_set_updated_at ON conversions IS 'Keeps updated_at current when a row really changes.';
CREATE TRIGGER "conversion_queue_set_updated_at"
  BEFORE UPDATE ON "conversion_queue"
  FOR EACH ROW
  WHEN (OLD.* OPERATOR(pg_catalog.*<>) NEW.*)
  EXECUTE PROCEDURE "tracking_set_updated_at"();
COMMENT ON TRIGGER conversion_queue_set_updated_at ON conversion_queue IS 'Keeps updated_at current when a row really changes.';

-- down
DROP TRIGGER "conversions_set_updated_at" ON "conversions";
DROP TRIGGER "conversion_queue_set_updated_at" ON "conversion_queue";
DROP FUNCTION "tracking_set_updated_at"();
