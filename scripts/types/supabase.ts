import {
  type Column,
  type ForeignKey,
  TABLES,
  type Table,
  unionOfValue,
  unions,
} from './columns.ts';
import { CLIENT_FUNCTIONS, type ClientFunction, type Value } from './functions.ts';

/** The module of types for supabase-js, in the form of Supabase's own generator. */
export function renderSupabase(): string {
  return `// Generated: npm run generate.

import type { ${[...unions().keys()].sort().join(', ')} } from './rows.ts';

/** Any value of JSON. */
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

/**
 * What supabase-js and postgrest-js take as their \`Database\`: the tables and functions of this package
 * in their schema. A row is as the API gives it: a timestamptz is a string, a numeric a number.
 *
 * @typeParam SchemaName - the schema that holds them
 * @example
 * import { createClient } from '@supabase/supabase-js';
 * import type { Database } from 'conversion-tracking-schema/supabase';
 *
 * const supabase = createClient<Database>(url, secretKey);
 * const { data } = await supabase.rpc('claim_conversions', { limit: 10 });
 */
export type Database<SchemaName extends string = 'public'> = {
  [Name in SchemaName]: {
    Tables: {
${TABLES.map(renderTable).join('\n')}
    };
    Views: { [_ in never]: never };
    Functions: {
${CLIENT_FUNCTIONS.map(renderFunction).join('\n')}
    };
    Enums: { [_ in never]: never };
    CompositeTypes: { [_ in never]: never };
  };
};
`;
}

function renderTable({ name, comment, columns, foreignKeys }: Table): string {
  return `${doc(comment)}${name}: {
  Row: {
${columns.map((column) => `${doc(column.comment)}${field(name, column)}`).join('\n')}
  };
  ComputedFields: never;
  Insert: {
${columns.map((column) => `${doc(column.comment)}${field(name, column, isOptional(column))}`).join('\n')}
  };
  Update: {
${columns.map((column) => field(name, column, true)).join('\n')}
  };
  Relationships: [${foreignKeys.map(renderRelationship).join(', ')}];
};`;
}

function renderRelationship(key: ForeignKey): string {
  return `{
  foreignKeyName: '${key.name}';
  columns: ['${key.column}'];
  isOneToOne: ${key.isOneToOne};
  referencedRelation: '${key.referencedTable}';
  referencedColumns: ['${key.referencedColumn}'];
}`;
}

function renderFunction({ name, comment, args, gives, manyRows }: ClientFunction): string {
  const returned =
    typeof gives === 'string'
      ? jsonTypeOf(name, { name, type: gives })
      : `{\n${gives.map((one) => field(name, one)).join('\n')}\n}`;
  return `${doc(comment)}${name}: {
  Args: {
${args.map((one) => field(name, one, one.optional, ARGUMENTS[`${name}.${one.name}`])).join('\n')}
  };
  Returns: ${returned}${manyRows ? '[]' : ''};
};`;
}

const doc = (comment: string) => (comment === '' ? '' : `/** ${comment} */\n`);
const isOptional = ({ nullable, hasDefault }: Column) => nullable || hasDefault;

function field(of: string, value: Value, optional = false, type = jsonTypeOf(of, value)): string {
  const orNull = value.nullable ? ' | null' : '';
  return `${value.name}${optional ? '?' : ''}: ${type}${orNull};`;
}

const JSON_OBJECT = '{ [key: string]: Json | undefined }';

/** What the functions read of an event; all but its name may be missing or null. */
const EVENTS = `{
  event_name: string;
  visitor_id?: string | null;
  event_id?: string | null;
  params?: ${JSON_OBJECT} | null;
  page_url?: string | null;
  created_at?: string | null;
}[]`;

/** What `settle_upload_request` reads of a rejected entry. */
const REJECTED = `{
  index?: number | null;
  id?: string | null;
  outcome: 'complete' | 'permanent' | 'retry_later' | 'retry';
  code?: string | null;
  message?: string | null;
  count?: number | null;
}[]`;

/** Arguments with a type of their own. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  'record_events.events': EVENTS,
  'settle_upload_request.rejected': REJECTED,
  'settle_upload_request.status': "'processing' | 'succeeded' | 'partially_succeeded' | 'failed'",
};

/** What PostgREST makes of a type, and reads as one. */
const TYPES: Readonly<Record<string, string>> = {
  uuid: 'string',
  text: 'string',
  interval: 'string',
  'timestamp with time zone': 'string',
  integer: 'number',
  bigint: 'number',
  numeric: 'number',
  'numeric(10,2)': 'number',
  boolean: 'boolean',
  'text[]': 'string[]',
  'uuid[]': 'string[]',
};

function jsonTypeOf(of: string, { name, type }: Pick<Value, 'name' | 'type'>): string {
  if (type === 'jsonb') return JSON_OBJECT;
  const found = unionOfValue(of, name) ?? TYPES[type];
  if (found === undefined) throw new Error(`There is no type for ${name}: ${type}.`);
  return found;
}
