/** The comment by which the placeholder for the application's leads table is told apart. */
export const PLACEHOLDER_COMMENT =
  'Placeholder for the leads table of the application, made by conversion-tracking-schema.';

/**
 * SQL: whether the table `c` (pg_class) is the placeholder as it was made. With columns of the application's
 * own it has become the application's.
 */
export const IS_PLACEHOLDER = `obj_description(c.oid, 'pg_class') = '${PLACEHOLDER_COMMENT}'
       AND ARRAY(SELECT attname::text FROM pg_attribute
                  WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum)
         = ARRAY['id', 'created_at']`;
