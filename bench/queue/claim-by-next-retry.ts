/**
 * claim_conversions with the lease in next_retry_at, as queues without a column for it have it: an
 * entry that is out is not due. It takes and returns the same and refuses nothing, for comparison alone.
 */
export const CLAIM_BY_NEXT_RETRY = `
CREATE FUNCTION claim_by_next_retry(platform text, "limit" integer)
RETURNS TABLE (id uuid, conversion_id uuid, lease_id uuid, retry_count integer, gclid text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_nestloop = on
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  claim CONSTANT uuid := gen_random_uuid();
  due tid[];
BEGIN
  SELECT array_agg(d.ctid) INTO due
    FROM (
      SELECT q.ctid
        FROM public.conversion_queue q
       WHERE q.platform = claim_by_next_retry.platform
         AND q.status IN ('pending', 'failed')
         AND coalesce(q.next_retry_at, q.created_at) <= at
       ORDER BY coalesce(q.next_retry_at, q.created_at)
       LIMIT claim_by_next_retry."limit"
         FOR NO KEY UPDATE SKIP LOCKED) d;
  RETURN QUERY
    WITH claimed AS (
      UPDATE public.conversion_queue q
         SET next_retry_at = at + interval '5 minutes', lease_id = claim
        FROM unnest(due) d (ctid)
       WHERE q.ctid = d.ctid
      RETURNING q.*)
    SELECT e.id, e.conversion_id, e.lease_id, e.retry_count, c.gclid
      FROM claimed e
      JOIN public.conversions c ON c.id = e.conversion_id;
END
$$`;
