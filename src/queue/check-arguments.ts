import { InvalidArgumentError, InvalidOptionError } from '../errors.ts';
import { FUNCTIONS, type FunctionName, REQUIRED } from './functions.ts';

/** Fields of the objects in arrays that are sent as JSON. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  events: ['event_name', 'visitor_id', 'event_id', 'params', 'page_url', 'created_at'],
  rejected: ['index', 'id', 'outcome', 'code', 'message', 'count'],
};

/**
 * Checks the arguments of a call, and replaces characters that PostgreSQL cannot store.
 *
 * @returns name and value of each argument that is given
 * @throws {InvalidOptionError | InvalidArgumentError}
 */
export function checkArguments(
  name: FunctionName,
  given: object,
): readonly (readonly [string, unknown])[] {
  if (typeof given !== 'object' || given === null) {
    throw invalid(`${name}: the arguments are not an object.`, 'Pass an object.');
  }
  const types: Readonly<Record<string, string>> = FUNCTIONS[name];
  const args = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [key] of args) {
    if (Object.hasOwn(types, key)) continue;
    throw new InvalidOptionError(
      key,
      `${name} has no argument ${JSON.stringify(key.slice(0, 80))}.`,
      suggestion(key, Object.keys(types)) ?? `Its arguments are ${Object.keys(types).join(', ')}.`,
    );
  }
  const missing = REQUIRED[name].find((key) => !args.some(([given]) => given === key));
  if (missing !== undefined) throw invalid(`${name}: ${missing} is missing.`, 'Pass it.');
  return args.map(([key, value]) => {
    const argument = `${name}: ${key}`;
    switch (types[key]) {
      case 'interval':
        return [key, checkInterval(argument, value)];
      case 'timestamptz':
        return [key, checkTimestamp(argument, value)];
      case 'jsonb':
        return [key, serializeObjects(argument, value, FIELDS[key] ?? [])];
      default:
        return [key, Array.isArray(value) ? value.map(storable) : storable(value)];
    }
  });
}

/** PostgreSQL reads a number without a unit as seconds: 13 instead of `13 months`. */
function checkInterval(argument: string, value: unknown): unknown {
  const bare = typeof value === 'string' ? /^[-+.\d\s]*$/.test(value) : value !== null;
  if (!bare) return value;
  throw invalid(
    `${argument} has no unit.`,
    "Pass a duration with a unit, such as '5 minutes' or '13 months'.",
  );
}

function checkTimestamp(argument: string, value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  if (Number.isNaN(value.getTime())) {
    throw invalid(`${argument} is an invalid Date.`, 'Pass a valid one, or omit it.');
  }
  // As text, because Drizzle turns off the Date conversion of its drivers.
  return value.toISOString();
}

function serializeObjects(argument: string, list: unknown, fields: readonly string[]): string {
  if (!Array.isArray(list)) throw invalid(`${argument} is not an array.`, 'Pass an array.');
  for (const [position, one] of list.entries()) {
    checkObject(`${argument}[${position}]`, one, fields);
  }
  let json: string;
  try {
    json = JSON.stringify(list);
  } catch (cause) {
    throw invalid(`${argument} cannot be serialized: ${cause}.`, 'Pass JSON values.', cause);
  }
  // JSON escapes exactly the characters that storable() replaces; other escapes stay.
  return json.replace(/\\(?:u(?:0000|d[89a-f][\da-f]{2})|.)/g, (sequence) =>
    /^\\u(0000|d)/.test(sequence) ? '\ufffd' : sequence,
  );
}

function checkObject(argument: string, one: unknown, fields: readonly string[]): void {
  if (typeof one !== 'object' || one === null) {
    throw invalid(`${argument} is not an object.`, 'Pass an object.');
  }
  const unknown = Object.keys(one).find((key) => !fields.includes(key));
  if (unknown !== undefined) {
    throw invalid(
      `${argument} has no field ${JSON.stringify(unknown.slice(0, 80))}.`,
      suggestion(unknown, fields) ?? `Its fields are ${fields.join(', ')}.`,
    );
  }
  if ('created_at' in one) checkTimestamp(`${argument}.created_at`, one.created_at);
}

/** Replaces NUL and lone surrogates by U+FFFD, as pg does with the latter. */
function storable(value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value;
}

/** Suggests the name that differs only in case and underscores: visitor_id for visitorId. */
function suggestion(name: string, known: readonly string[]): string | undefined {
  const folded = (text: string) => text.replaceAll('_', '').toLowerCase();
  const match = known.find((one) => folded(one) === folded(name));
  return match && `Did you mean ${match}?`;
}

function invalid(problem: string, hint: string, cause?: unknown): InvalidArgumentError {
  return new InvalidArgumentError(problem, { hint, cause });
}
