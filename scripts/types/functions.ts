import type { CatalogueFunction } from '../../src/schema/catalogue.ts';
import { expectedAfter } from '../../src/schema/expected.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { TABLES } from './columns.ts';

/** A value that a function takes or gives, by its name. */
export interface Value {
  readonly name: string;
  /** In SQL. */
  readonly type: string;
  readonly nullable: boolean;
}

/** An argument, as a call gives it. */
export interface Argument extends Value {
  readonly optional: boolean;
}

/** A function that clients call. */
export interface ClientFunction {
  readonly name: string;
  readonly comment: string;
  readonly args: readonly Argument[];
  /** The columns of its rows, or the type in SQL of the one value that it gives. */
  readonly gives: readonly Value[] | string;
  readonly manyRows: boolean;
}

/** Where the columns of a function are not what the tables say of columns of these names. */
const NULLABLE: Readonly<Record<string, boolean>> = {
  'claim_conversions.lease_id': false,
  'claim_conversions.leased_until': false,
  'claim_conversions.converted_at': false,
  'claim_conversions.send_alone': false,
  'claim_upload_requests.request_id': false,
  'claim_upload_requests.lease_id': false,
  'claim_upload_requests.leased_until': false,
  'settle_upload_request.request_id': false,
  'settle_upload_request.confirmed_count': true,
  'conversion_queue_health.oldest_due': true,
  'conversion_queue_health.oldest_unconfirmed': true,
};

/** An argument may be null where that is its default; this one may besides. */
const MAY_BE_NULL = new Set(['record_conversion.conversion_currency']);

/** What SQL lets a call leave out, and no call should: see "States of an entry" in docs/queue-functions.md. */
const NEEDED = new Set(['fail_conversions.lease_id']);

const HEAD =
  /^CREATE OR REPLACE FUNCTION \{schema\}\.(\w+)\((.*)\)\n RETURNS (SETOF )?(?:TABLE\((.*)\)|(\w+))\n/;

/** The functions, as the manifest has them after the last migration. */
export const CLIENT_FUNCTIONS: readonly ClientFunction[] = Object.values(
  expectedAfter(migrations.length).functions,
)
  .filter(({ head }) => !head.includes('\n RETURNS trigger\n'))
  .map(parse);

function parse({ head, comment }: CatalogueFunction): ClientFunction {
  const [, name, declared = '', setOf, columns, type = ''] = HEAD.exec(head) ?? [];
  if (name === undefined) throw new Error(`This is no head of a function: ${head}`);
  const parameters = parametersOf(declared);
  const rows = parametersOf(columns ?? '').concat(
    parameters.filter(({ mode }) => mode.includes('OUT')),
  );
  return {
    name,
    comment: comment ?? '',
    args: parameters.filter(({ mode }) => mode !== 'OUT').map((one) => argument(name, one)),
    gives: rows.length === 0 ? type : rows.map((one) => result(name, one)),
    manyRows: setOf !== undefined || columns !== undefined,
  };
}

interface Parameter {
  readonly mode: string;
  readonly name: string;
  readonly type: string;
  readonly fallback: string | undefined;
}

/** Those between the parentheses; a comma in a default is one of a call. */
function parametersOf(list: string): Parameter[] {
  if (list === '') return [];
  return list.split(/, (?![^(]*\))/).map((text) => {
    const [, mode = '', name = '', type = '', fallback] =
      /^(INOUT |OUT )?"?(\w+)"? (.*?)(?: DEFAULT (.*))?$/.exec(text) ?? [];
    return { mode: mode.trim(), name, type, fallback };
  });
}

function argument(of: string, { name, type, fallback }: Parameter): Argument {
  const key = `${of}.${name}`;
  const optional = fallback !== undefined && !NEEDED.has(key);
  const nullable = optional && (fallback.startsWith('NULL') || MAY_BE_NULL.has(key));
  return { name, type, optional, nullable };
}

function result(of: string, { name, type }: Parameter): Value {
  const column = TABLES.flatMap(({ columns }) => columns).find((one) => one.name === name);
  return { name, type, nullable: NULLABLE[`${of}.${name}`] ?? column?.nullable ?? false };
}
