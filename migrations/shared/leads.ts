/** The comment by which the stand-in for the host's leads table is told apart. */
export const STAND_IN_COMMENT =
  'Stand-in for the leads table of the host application, made by conversion-tracking-schema.';

/**
 * SQL: whether the table `c` (pg_class) is the stand-in as it was made. With columns of the host's
 * own it has become the host's.
 */
export const IS_STAND_IN = `obj_description(c.oid, 'pg_class') = '${STAND_IN_COMMENT}'
       AND ARRAY(SELECT attname::text FROM pg_attribute
                  WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum)
         = ARRAY['id', 'created_at']`;
