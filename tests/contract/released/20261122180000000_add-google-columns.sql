-- up
SET LOCAL timezone = 'UTC';
ALTER TABLE "conversions"
  ADD "converted_at" timestamptz,
  ADD "consent_ad_user_data" text,
  ADD "consent_ad_personalization" text;
COMMENT ON COLUMN "conversions"."converted_at" IS $pga$When the lead was qualified or closed; null: when the row was inserted.$pga$;
COMMENT ON COLUMN "conversions"."consent_ad_user_data" IS $pga$Consent to send user data to Google for advertising: granted, denied or unknown.$pga$;
COMMENT ON COLUMN "conversions"."consent_ad_personalization" IS $pga$Consent to personalised advertising: granted, denied or unknown.$pga$;
ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_consent_ad_user_data_check" CHECK (consent_ad_user_data IN ('granted', 'denied'));
ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_consent_ad_personalization_check" CHECK (consent_ad_personalization IN ('granted', 'denied'));
ALTER TABLE "conversion_queue"
  ADD "request_id" text,
  ADD "error_code" text;
COMMENT ON COLUMN "conversion_queue"."request_id" IS $pga$By which the platform tells of the upload, if it answers later.$pga$;
COMMENT ON COLUMN "conversion_queue"."error_code" IS $pga$What the platform calls the error of the last failed try.$pga$;

-- down
ALTER TABLE "conversion_queue"
  DROP "request_id",
  DROP "error_code";
ALTER TABLE "conversions"
  DROP "converted_at",
  DROP "consent_ad_user_data",
  DROP "consent_ad_personalization";
