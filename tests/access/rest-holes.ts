import type { Queryable } from '../support/catalogue.ts';
import type { PostgRest } from '../support/postgrest.ts';
import {
  type Answer,
  askOthers,
  askTables,
  type Caller,
  clientFor,
  listed,
} from './rest-requests.ts';

const INSUFFICIENT_PRIVILEGE = '42501';
/** PostgREST does not know a function of the name: it offers none that returns a trigger. */
const NO_SUCH_FUNCTION = 'PGRST202';

/**
 * What a caller gets out of a schema over REST, be it no more than an empty list or a name: each
 * request that is not refused for a want of privileges, and each path that the root lists.
 */
export async function restHoles(
  db: Queryable,
  api: PostgRest,
  caller: Caller,
  schema: string,
): Promise<string[]> {
  const client = clientFor(api, caller, schema);
  const answers = [...(await askTables(client)), ...(await askOthers(db, client, schema))];
  const paths = await listed(api, caller, schema);
  return [
    ...answers.filter((answer) => !isRefused(answer, caller)).map(describe),
    ...paths.map((path) => `list ${path}`),
  ];
}

/** What a caller cannot do with the tables over REST. */
export async function restFailures(
  api: PostgRest,
  caller: Caller,
  schema: string,
): Promise<string[]> {
  const answers = await askTables(clientFor(api, caller, schema));
  return answers.filter((answer) => !isDone(answer)).map(describe);
}

function isRefused({ request, status, code }: Answer, caller: Caller): boolean {
  if (status === 404) return code === NO_SUCH_FUNCTION;
  const forbidden = caller === 'nobody' || caller === 'anon' ? 401 : 403;
  // A count is asked by HEAD, whose answer has no body.
  return status === forbidden && (code === INSUFFICIENT_PRIVILEGE || request.startsWith('count '));
}

function isDone({ status }: Answer): boolean {
  return status >= 200 && status <= 299;
}

function describe(answer: Answer): string {
  const { request, status, code } = answer;
  return isDone(answer) ? request : `${request}: ${status} ${code ?? ''}`;
}
