-- up
SET LOCAL timezone = 'UTC';
CREATE OR REPLACE TRIGGER conversion_queue_set_updated_at
  BEFORE UPDATE ON conversion_queue
  FOR EACH ROW
  WHEN (coalesce(NEW.updated_at OPERATOR(pg_catalog.<>) pg_catalog.now(), true) AND OLD.* OPERATOR(pg_catalog.*<>) NEW.*)
  EXECUTE FUNCTION tracking_set_updated_at();

-- down
CREATE OR REPLACE TRIGGER conversion_queue_set_updated_at
  BEFORE UPDATE ON conversion_queue
  FOR EACH ROW
  WHEN (OLD.* OPERATOR(pg_catalog.*<>) NEW.*)
  EXECUTE FUNCTION tracking_set_updated_at();
