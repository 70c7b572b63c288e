-- up
SET LOCAL timezone = 'UTC';
ALTER TABLE "visitors"
  ADD CONSTRAINT "visitors_ip_hash_check" CHECK (ip_hash !~* '(^|[^0-9A-Za-z./+$_-])/*[0-9]{1,3}([.][0-9]{1,3}){3}[.]?($|[^0-9A-Za-z.+$])|(^|[^0-9A-Za-z./+$_:-])/*(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}:){6}[0-9]{1,3}([.][0-9]{1,3}){3}|([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,6})?::(([0-9a-f]{1,4}:){0,6}([0-9a-f]{1,4}|[0-9]{1,3}([.][0-9]{1,3}){3}))?)(:[0-9]{1,5})?($|[^0-9A-Za-z.+$:])');
COMMENT ON CONSTRAINT "visitors_ip_hash_check" ON "visitors" IS $pga$Refuses a raw IPv4 or IPv6 address.$pga$;
ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_conversion_currency_check" CHECK (conversion_currency ~ '^[A-Z]{3}$');
COMMENT ON CONSTRAINT "conversions_conversion_currency_check" ON "conversions" IS $pga$An ISO 4217 code has three capital letters.$pga$;
ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_idempotency_key_check" CHECK (idempotency_key = crm_deal_id || ':' || conversion_type);
COMMENT ON CONSTRAINT "conversions_idempotency_key_check" ON "conversions" IS $pga$Where the deal is known, the key is made of it.$pga$;
ALTER TABLE "conversion_queue"
  ADD CONSTRAINT "conversion_queue_retry_count_check" CHECK (retry_count BETWEEN 0 AND max_retries);
COMMENT ON CONSTRAINT "conversion_queue_retry_count_check" ON "conversion_queue" IS $pga$An entry is tried at most max_retries times.$pga$;
ALTER TABLE "tracking_events"
  ADD CONSTRAINT "tracking_events_params_check" CHECK (jsonb_typeof(params) = 'object');
COMMENT ON CONSTRAINT "tracking_events_params_check" ON "tracking_events" IS $pga$Parameters are a JSON object.$pga$;

-- down
ALTER TABLE "visitors" DROP CONSTRAINT "visitors_ip_hash_check";
ALTER TABLE "conversions" DROP CONSTRAINT "conversions_conversion_currency_check";
ALTER TABLE "conversions" DROP CONSTRAINT "conversions_idempotency_key_check";
ALTER TABLE "conversion_queue" DROP CONSTRAINT "conversion_queue_retry_count_check";
ALTER TABLE "tracking_events" DROP CONSTRAINT "tracking_events_params_check";
