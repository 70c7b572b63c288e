import { readFileSync } from 'node:fs';
import { declared, memberOf, type TypeText } from './type-text.ts';

const SOURCE = readFileSync(new URL('../../src/types/supabase.ts', import.meta.url), 'utf8');

/** What `Database` says of a schema, as it is shipped. */
export const SHIPPED: TypeText = memberOf(declared(SOURCE, 'Database'), '[Name in SchemaName]');

/** The shipped `Json`. */
export const SHIPPED_JSON: TypeText = declared(SOURCE, 'Json');
