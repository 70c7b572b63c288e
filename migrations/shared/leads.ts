/** The comment by which the placeholder leads table is recognized. */
export const PLACEHOLDER_COMMENT =
  'Placeholder leads table, created by conversion-tracking-schema where the application has none.';

/**
 * SQL: whether the table `c` (pg_class) is the placeholder as it was created. Once it has columns
 * of the application, it belongs to the application.
 */
export const IS_PLACEHOLDER = `obj_description(c.oid, 'pg_class') = '${PLACEHOLDER_COMMENT}'
       AND ARRAY(SELECT attname::text FROM pg_attribute
                  WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum)
         = ARRAY['id', 'created_at']`;
