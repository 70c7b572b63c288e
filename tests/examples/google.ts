import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A request as Google's Data Manager API takes it, as far as it is looked at. */
export interface IngestRequest {
  readonly destinations: readonly {
    readonly reference: string;
    readonly operatingAccount: { readonly accountType: string; readonly accountId: string };
    readonly productDestinationId: string;
  }[];
  readonly events: readonly IngestEvent[];
  readonly encoding: string;
}

/** A conversion in it. */
export interface IngestEvent {
  readonly destinationReferences: readonly string[];
  readonly transactionId: string;
  readonly eventTimestamp: string;
  readonly adIdentifiers?: { readonly gclid: string };
  readonly userData?: { readonly userIdentifiers: readonly { readonly emailAddress: string }[] };
  readonly consent?: { readonly adUserData?: string; readonly adPersonalization?: string };
  readonly [field: string]: unknown;
}

/** An HTTP server in Google's place. */
export interface Google {
  readonly url: string;
  /** Every request, with what it was answered. */
  readonly requests: { readonly body: IngestRequest; readonly status: number }[];
  /** The events of requests that it has taken, in order. */
  taken(): IngestEvent[];
  /** Refuses these from now on, with a code, as Google does: with the whole request. */
  refuse(transactionId: string, code: string): void;
  /** Refuses every request with this one from now on, and does not say which event it is. */
  poison(transactionId: string): void;
  /** Rejects these in processing, after it has taken them. */
  reject(transactionId: string, code: string): void;
  /** How it reports results from now on. Default: with the places of the errors. */
  report(how: 'places' | 'counts' | 'processing'): void;
  /** The next request is answered so, and not looked at. */
  answerNext(status: number, headers: Readonly<Record<string, string>>, body: string): void;
  /** Holds answers back; the result lets them go. */
  hold(): () => void;
}

const TOKEN = 'a token of the tests';
/** What an uploader has to present. */
export const GOOGLE_TOKEN = TOKEN;

interface Violation {
  readonly field: string;
  readonly reason: string;
}

/** Starts one on a free port for one test. */
export async function startGoogle(): Promise<Google> {
  const refused = new Map<string, string>();
  const poisoned = new Set<string>();
  const rejected = new Map<string, string>();
  let reporting: Parameters<Google['report']>[0] = 'places';
  const requests: { body: IngestRequest; status: number }[] = [];
  const orders: ((response: ServerResponse) => number)[] = [];
  let released = Promise.resolve();

  const answer = (request: IncomingMessage, body: IngestRequest, response: ServerResponse) => {
    const order = orders.shift();
    if (order) return order(response);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return send(response, 401, errorOf(401, 'UNAUTHENTICATED', 'UNAUTHENTICATED', []));
    }
    if (body.events.some(({ transactionId }) => poisoned.has(transactionId))) {
      return send(response, 400, errorOf(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', []));
    }
    const violations = violationsOf(body, refused);
    if (violations.length === 0) return send(response, 200, { requestId: `R-${requests.length}` });
    return send(response, 400, errorOf(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', violations));
  };
  /** What became of a request: a transaction id counts once. */
  const resultOf = (requestId: string): object => {
    const index = Number(requestId.replace('R-', '')) - 1;
    const earlier = requests.slice(0, index).filter(({ status }) => status === 200);
    const had = new Set(earlier.flatMap(({ body }) => body.events.map(transactionIdOf)));
    const places = new Map<string, number[]>();
    for (const [place, { transactionId }] of requests[index]?.body.events.entries() ?? []) {
      const duplicate = had.has(transactionId) ? 'DUPLICATE_TRANSACTION_ID' : undefined;
      const code = rejected.get(transactionId) ?? duplicate;
      if (code !== undefined) places.set(code, [...(places.get(code) ?? []), place]);
    }
    if (reporting === 'processing') return { requestStatus: 'PROCESSING' };
    if (places.size === 0) return { requestStatus: 'SUCCESS' };
    const errorCounts = [...places].map(([code, recordIndices]) => ({
      reason: `PROCESSING_ERROR_REASON_${code}`,
      recordCount: String(recordIndices.length),
      ...(reporting === 'places' ? { recordIndices } : {}),
    }));
    const failed = [...places.values()].flat().length;
    const all = failed === requests[index]?.body.events.length;
    return { requestStatus: all ? 'FAILED' : 'PARTIAL_SUCCESS', errorInfo: { errorCounts } };
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://google');
    if (url.pathname === '/v1/requestStatus:retrieve') {
      const result = resultOf(url.searchParams.get('requestId') ?? '');
      send(response, 200, { requestStatusPerDestination: [result] });
      return;
    }
    if (request.method !== 'POST' || request.url !== '/v1/events:ingest') {
      send(response, 404, errorOf(404, 'NOT_FOUND', 'NOT_FOUND', []));
      return;
    }
    const body: IngestRequest = JSON.parse(await text(request));
    const entry = { body, status: 0 };
    requests.push(entry);
    await released;
    entry.status = answer(request, body, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    taken: () => requests.flatMap(({ body, status }) => (status === 200 ? body.events : [])),
    refuse: (transactionId, code) => refused.set(transactionId, code),
    poison: (transactionId) => poisoned.add(transactionId),
    reject: (transactionId, code) => rejected.set(transactionId, code),
    report: (how) => {
      reporting = how;
    },
    answerNext: (status, headers, body) =>
      orders.push((response) => {
        response.writeHead(status, headers).end(body);
        return status;
      }),
    hold: () => {
      let release = () => {};
      released = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
  };
}

const transactionIdOf = ({ transactionId }: IngestEvent) => transactionId;

function send(response: ServerResponse, status: number, body: object): number {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return status;
}

/** The error model of Google's APIs. */
function errorOf(
  code: number,
  status: string,
  reason: string,
  violations: readonly Violation[],
): object {
  const type = (name: string) => `type.googleapis.com/google.rpc.${name}`;
  const fieldViolations = violations.map((violation) => ({ ...violation, description: 'refused' }));
  return {
    error: {
      code,
      status,
      message: 'There was a problem with the request.',
      details: [
        { '@type': type('ErrorInfo'), reason, domain: 'datamanager.googleapis.com' },
        ...(violations.length > 0 ? [{ '@type': type('BadRequest'), fieldViolations }] : []),
      ],
    },
  };
}

/** Everything that is wrong with a request; one thing is enough for all of it to be refused. */
function violationsOf(body: IngestRequest, refused: ReadonlyMap<string, string>): Violation[] {
  const references = body.destinations.map(({ reference }) => reference);
  const wrong = (field: string, reason: string, isWrong: boolean): Violation[] =>
    isWrong ? [{ field, reason }] : [];
  const consents = ['CONSENT_GRANTED', 'CONSENT_DENIED', undefined];
  return [
    ...wrong('encoding', 'INVALID_ENUM_VALUE', body.encoding !== 'HEX'),
    ...wrong('events', 'TOO_MANY_EVENTS', body.events.length > 2_000),
    ...body.destinations.flatMap(({ operatingAccount, productDestinationId }, index) =>
      wrong(
        `destinations[${index}]`,
        'INVALID_DESTINATION',
        operatingAccount.accountType !== 'GOOGLE_ADS' || !/^\d+$/.test(productDestinationId),
      ),
    ),
    ...body.events.flatMap((event, index) => {
      const of = (field: string) => `events.events[${index}].${field}`;
      const emails = event.userData?.userIdentifiers ?? [];
      return [
        ...wrong(of('transaction_id'), 'REQUIRED_FIELD_MISSING', event.transactionId === ''),
        ...wrong(
          of('event_timestamp'),
          'INVALID_FORMAT',
          !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(event.eventTimestamp),
        ),
        ...wrong(
          of('destination_references'),
          'INVALID_DESTINATION',
          !event.destinationReferences.every((reference) => references.includes(reference)),
        ),
        ...wrong(
          of('user_data.user_identifiers'),
          'INVALID_SHA256_FORMAT',
          !emails.every(({ emailAddress }) => /^[\da-f]{64}$/.test(emailAddress)),
        ),
        ...wrong(
          of('consent'),
          'INVALID_ENUM_VALUE',
          !consents.includes(event.consent?.adUserData) ||
            !consents.includes(event.consent?.adPersonalization),
        ),
        ...wrong(
          of('user_data'),
          'NO_IDENTIFIERS_PROVIDED',
          emails.length === 0 && event.adIdentifiers === undefined,
        ),
        ...wrong(
          of('event'),
          refused.get(event.transactionId) ?? '',
          refused.has(event.transactionId),
        ),
      ];
    }),
  ];
}
