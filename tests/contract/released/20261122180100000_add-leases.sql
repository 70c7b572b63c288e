-- up
SET LOCAL timezone = 'UTC';
ALTER TABLE "conversion_queue"
  ADD "leased_until" timestamptz,
  ADD "lease_id" uuid;
COMMENT ON COLUMN "conversion_queue"."leased_until" IS $pga$Until when the entry is out with a worker; nobody else gets it before.$pga$;
COMMENT ON COLUMN "conversion_queue"."lease_id" IS $pga$The claim that the entry is out with, until that one has answered.$pga$;
CREATE INDEX "idx_queue_due" ON "conversion_queue" ("platform", (coalesce(next_retry_at, created_at))) WHERE status IN ('pending', 'failed');
CREATE INDEX "idx_queue_dead_letter" ON "conversion_queue" ("platform", "created_at") WHERE status = 'dead_letter';
ALTER TABLE conversion_queue SET (fillfactor = 65, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, vacuum_index_cleanup = on);

-- down
ALTER TABLE conversion_queue RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, vacuum_index_cleanup);
DROP INDEX "idx_queue_dead_letter";
DROP INDEX "idx_queue_due";
ALTER TABLE "conversion_queue"
  DROP "leased_until",
  DROP "lease_id";
