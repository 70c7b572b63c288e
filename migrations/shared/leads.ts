/** The comment by which the placeholder leads table is recognized. */
export const PLACEHOLDER_COMMENT =
  'Placeholder leads table, created by conversion-tracking-schema where the application has none.';

/** SQL: the name of the type of a column (pg_attribute), or of the type under its domains. */
export function baseType(column: string): string {
  return `(WITH RECURSIVE base AS (
              SELECT ${column}.atttypid AS type, ${column}.atttypmod AS modifier
              UNION ALL
              SELECT t.typbasetype, t.typtypmod FROM base JOIN pg_type t ON t.oid = base.type AND t.typtype = 'd')
            SELECT format_type(type, modifier) FROM base JOIN pg_type t ON t.oid = base.type AND t.typtype <> 'd')`;
}

/**
 * SQL: whether the table `c` (pg_class) is the placeholder as it was created. Once it has columns
 * of the application, it belongs to the application.
 */
export const IS_PLACEHOLDER = `obj_description(c.oid, 'pg_class') = '${PLACEHOLDER_COMMENT}'
       AND ARRAY(SELECT attname::text FROM pg_attribute
                  WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum)
         = ARRAY['id', 'created_at']`;
