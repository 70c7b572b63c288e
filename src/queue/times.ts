import type { FunctionName } from './functions.ts';

/** The columns of type timestamptz that each function returns. */
const TIMES: Readonly<Partial<Record<FunctionName, readonly string[]>>> = {
  record_conversion: ['converted_at', 'created_at', 'updated_at'],
  claim_conversions: ['leased_until', 'converted_at'],
  complete_conversions: ['next_retry_at'],
  fail_conversions: ['next_retry_at'],
  conversion_queue_health: ['oldest_due'],
  upsert_visitor: ['first_seen_at', 'last_seen_at', 'created_at'],
};

const COLUMN = 'times_in_iso';

/**
 * Returns SQL for the columns of a function's result. JSON has times in ISO 8601, whatever the
 * session's DateStyle: clients cannot parse the others, and pg returns null for them.
 */
export function resultColumns(name: FunctionName): string {
  const times = TIMES[name];
  if (times === undefined) return '*';
  return `*, pg_catalog.json_build_array(${times.join(', ')})::pg_catalog.text AS ${COLUMN}`;
}

/** Returns a row with the times of {@link resultColumns} as Date. */
export function withTimes<Row>(name: FunctionName, row: Row): Row {
  if (typeof row !== 'object' || row === null || !(COLUMN in row)) return row;
  const { [COLUMN]: json, ...rest } = row;
  const values: readonly (string | null)[] = JSON.parse(String(json));
  const times = (TIMES[name] ?? []).flatMap((column, position) => {
    const date = new Date(values[position] ?? '');
    // Null, infinity and years that Date does not parse are left to the client.
    return Number.isNaN(date.getTime()) ? [] : [[column, date] as const];
  });
  return { ...rest, ...Object.fromEntries(times) } as Row;
}
