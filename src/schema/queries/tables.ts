import { IS_PLACEHOLDER } from '../../../migrations/shared/leads.ts';
import { grants, ownerLacks } from './privileges.ts';

/** SQL: a table named leads counts only where it is the placeholder. */
export const PLACEHOLDER_OR_NOT_LEADS = `(c.relname <> 'leads' OR ${IS_PLACEHOLDER})`;

/** SQL: what makes `c` other than an ordinary, permanent table by itself, each with its undo. */
const TRAITS = `(
  SELECT coalesce(json_agg(json_build_object('trait', t.trait, 'undo', t.undo) ORDER BY t.trait), '[]') FROM (
    SELECT 'not an ordinary table' AS trait, NULL AS undo WHERE c.relkind <> 'r'
    UNION ALL SELECT 'without a replica identity', format('ALTER TABLE %s REPLICA IDENTITY DEFAULT', c.oid::regclass)
               WHERE c.relkind = 'r' AND c.relreplident = 'n'
    UNION ALL SELECT 'not permanent', format('ALTER TABLE %s SET LOGGED', c.oid::regclass) WHERE c.relpersistence <> 'p'
    UNION ALL SELECT format('a parent of %s', h.inhrelid::regclass),
                     CASE c.relkind WHEN 'r' THEN format('ALTER TABLE %s NO INHERIT %s', h.inhrelid::regclass, c.oid::regclass) END
                FROM pg_inherits h WHERE h.inhparent = c.oid
    UNION ALL SELECT CASE WHEN c.relispartition THEN 'a partition of ' ELSE 'a child of ' END || h.inhparent::regclass,
                     CASE WHEN c.relispartition THEN format('ALTER TABLE %s DETACH PARTITION %s', h.inhparent::regclass, c.oid::regclass)
                          ELSE format('ALTER TABLE %s NO INHERIT %s', c.oid::regclass, h.inhparent::regclass) END
                FROM pg_inherits h WHERE h.inhrelid = c.oid
    UNION ALL SELECT format('a table with the rewrite rule %I', w.rulename), format('DROP RULE %I ON %s', w.rulename, c.oid::regclass)
                FROM pg_rewrite w WHERE w.ev_class = c.oid AND c.relkind = 'r'
  ) t)`;

const TYPE = `format_type(a.atttypid, a.atttypmod) || coalesce((
  SELECT format(' COLLATE %I', o.collname) FROM pg_collation o, pg_type y
   WHERE o.oid = a.attcollation AND y.oid = a.atttypid AND o.oid <> y.typcollation), '')`;

/** SQL: the sequences that the column `a` of `c` owns, as serial and identity create them. */
export const OWN_SEQUENCE = `
  SELECT s.oid, s.relacl, s.relowner FROM pg_depend p JOIN pg_class s ON s.oid = p.objid AND s.relkind = 'S'
   WHERE p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass
     AND p.refobjid = c.oid AND p.refobjsubid = a.attnum AND p.deptype IN ('a', 'i')`;

const DEFAULT = `
  CASE
    WHEN a.attidentity <> '' THEN 'GENERATED AS IDENTITY'
    WHEN a.attgenerated <> '' THEN format('GENERATED ALWAYS AS (%s)', pg_get_expr(d.adbin, d.adrelid))
    WHEN pg_get_expr(d.adbin, d.adrelid) ~ '^nextval[(].*::regclass[)]$' AND EXISTS (
      SELECT FROM (${OWN_SEQUENCE}) s JOIN pg_depend p ON p.refobjid = s.oid
       WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_class'::regclass) THEN 'serial'
    ELSE pg_get_expr(d.adbin, d.adrelid)
  END`;

/** SQL: since PostgreSQL 18, NOT NULL may be NOT VALID: not enforced on existing rows. */
const NOT_NULL = `a.attnotnull AND NOT EXISTS (
  SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'n' AND NOT k.convalidated AND k.conkey[1] = a.attnum)`;

const COLUMNS = `(
  SELECT coalesce(json_object_agg(a.attname, json_build_object(
    'type', ${TYPE},
    'notNull', ${NOT_NULL},
    'default', ${DEFAULT},
    'comment', col_description(c.oid, a.attnum),
    'position', a.attnum,
    'grants', ${grants('a.attacl', 'c', 'c.relowner')}) ORDER BY a.attnum), '{}')
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`;

const SEQUENCES = `(
  SELECT coalesce(json_object_agg(a.attname, json_build_object(
    'grants', ${grants('s.relacl', 's', 's.relowner')},
    'ownerLacks', ${ownerLacks('s.relacl', 's', 's.relowner')})), '{}')
    FROM pg_attribute a CROSS JOIN LATERAL (${OWN_SEQUENCE}) s
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`;

const REFERRED = `
  CASE WHEN r.oid = (SELECT p.oid FROM leads_table p) THEN '{leads}'
       WHEN r.relnamespace = c.relnamespace THEN format('{schema}.%I', r.relname)
       ELSE r.oid::regclass::text END`;

const CONSTRAINTS = `(
  SELECT coalesce(json_object_agg(k.conname, json_build_object(
    'definition', CASE WHEN r.oid IS NULL THEN coalesce(pg_get_constraintdef(k.oid), '')
      ELSE replace(pg_get_constraintdef(k.oid), format(' REFERENCES %s(', r.oid::regclass), format(' REFERENCES %s(', ${REFERRED})) END,
    'columns', ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (k.conkey) ORDER BY a.attname),
    'disabled', ARRAY(
      SELECT format('ALTER TABLE %s ENABLE TRIGGER %I', g.tgrelid::regclass, g.tgname)
        FROM pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgisinternal AND g.tgenabled = 'D' ORDER BY 1),
    'comment', obj_description(k.oid, 'pg_constraint')) ORDER BY k.conname), '{}')
    FROM pg_constraint k LEFT JOIN pg_class r ON r.oid = k.confrelid AND k.contype = 'f'
   WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'c', 'f', 'x')
     AND k.conparentid = 0)`;

const INDEXES = `(
  SELECT coalesce(json_object_agg(x.relname, json_build_object(
    'columns', ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, true) FROM generate_series(1, i.indnatts) n),
    'unique', i.indisunique,
    'definition', coalesce(regexp_replace(substring(pg_get_indexdef(i.indexrelid), ' USING (.*)$'), ' WITH [(][^)]*[)]', ''), ''),
    'predicate', pg_get_expr(i.indpred, i.indrelid),
    'valid', i.indisvalid AND i.indisready AND i.indislive,
    'constraint', k.conname) ORDER BY x.relname), '{}')
    FROM pg_index i
    JOIN pg_class x ON x.oid = i.indexrelid
    LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x')
   WHERE i.indrelid = c.oid)`;

/** SQL: the name of the table is replaced, so that definitions of all schemas compare. */
const TRIGGERS = `(
  SELECT coalesce(json_object_agg(g.tgname, json_build_object(
    'definition', replace(replace(coalesce(pg_get_triggerdef(g.oid), ''),
      format(' ON %s ', c.oid::regclass), ' ON {table} '),
      format(' EXECUTE FUNCTION %s(', g.tgfoid::regproc),
      format(' EXECUTE FUNCTION %s(', CASE WHEN f.pronamespace = c.relnamespace THEN format('{schema}.%I', f.proname) ELSE g.tgfoid::regproc::text END)),
    'enabled', g.tgenabled IN ('O', 'A'),
    'comment', obj_description(g.oid, 'pg_trigger')) ORDER BY g.tgname), '{}')
    FROM pg_trigger g JOIN pg_proc f ON f.oid = g.tgfoid
   WHERE g.tgrelid = c.oid AND NOT g.tgisinternal)`;

/** SQL: the table `c` (pg_class) as JSON. Runs with pg_catalog alone on the search path. */
export const TABLE = `json_build_object(
  'comment', obj_description(c.oid, 'pg_class'),
  'traits', ${TRAITS},
  'rowSecurity', c.relrowsecurity,
  'forcedRowSecurity', c.relforcerowsecurity,
  'policies', ARRAY(SELECT p.polname FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY 1),
  'grants', ${grants('c.relacl', 'r', 'c.relowner')},
  'ownerLacks', ${ownerLacks('c.relacl', 'r', 'c.relowner')},
  'typeGrants', (SELECT ${grants('t.typacl', 'T', 't.typowner')} FROM pg_type t WHERE t.oid = c.reltype),
  'columns', ${COLUMNS},
  'sequences', ${SEQUENCES},
  'constraints', ${CONSTRAINTS},
  'indexes', ${INDEXES},
  'triggers', ${TRIGGERS})`;
