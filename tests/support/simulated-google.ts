import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

/** What becomes of a conversion. */
export type Fate = 'counted' | 'counted before' | 'refused' | 'rejected' | 'transient' | 'account';

/** Of a hundred conversions. */
const FATES: readonly (readonly [fate: Fate, upTo: number, code: string])[] = [
  ['refused', 3, 'INVALID_FORMAT'],
  ['rejected', 6, 'INVALID_GCLID'],
  ['rejected', 9, 'EVENT_TOO_OLD'],
  ['rejected', 11, 'DENIED_CONSENT'],
  ['transient', 14, 'INTERNAL_ERROR'],
  ['transient', 16, 'CLICK_NOT_FOUND'],
  ['account', 17, 'NO_CONSENT'],
  ['counted before', 20, 'DUPLICATE_TRANSACTION_ID'],
];

/** Returns what becomes of a conversion by its number, and the error code that it ends with. */
export function fateOf(transactionId: string): { readonly fate: Fate; readonly code: string } {
  const place = Number(/\d+/.exec(transactionId)?.[0]) % 100;
  const [fate, , code] = FATES.find(([, upTo]) => place < upTo) ?? ['counted', 100, ''];
  return { fate, code };
}

interface Request {
  /** How many more checks say that it is not final. */
  late: number;
  readonly answer: object;
}

const chance = (probability: number) => Math.random() < probability;
const MOST_LATE = 4;
/** A transient fault ends after so many attempts. */
const TRANSIENT_ATTEMPTS = 2;

/**
 * A server in Google's place that loses answers, is unavailable, and reports results late, partly, and with or
 * without the places of errors. It counts a transaction id once.
 */
export class SimulatedGoogle {
  readonly counted = new Set<string>();
  /** How often each of these happened. */
  readonly tally: Record<string, number> = {};
  readonly #requests = new Map<string, Request>();
  readonly #attempts = new Map<string, number>();
  readonly #server = createServer((request, response) => {
    this.#respond(request, response).catch(() => response.destroy());
  });

  /** Starts it, and returns its URL. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://google');
    if (chance(0.01)) {
      this.#count('answers 503');
      send(response, 503, {});
    } else if (url.pathname === '/v1/requestStatus:retrieve') {
      send(response, 200, this.#statusOf(url.searchParams.get('requestId') ?? ''));
    } else {
      const { events } = (await json(request)) as { events: { transactionId: string }[] };
      this.#ingest(
        events.map(({ transactionId }) => transactionId),
        response,
      );
    }
  }

  #ingest(ids: readonly string[], response: ServerResponse): void {
    const refused = ids.flatMap((id, place) => (fateOf(id).fate === 'refused' ? [place] : []));
    if (refused.length > 0) {
      this.#count('requests refused');
      send(response, 400, { refused, code: 'INVALID_FORMAT' });
      return;
    }
    this.#count('requests accepted');
    const requestId = `R-${this.#requests.size}`;
    const late = Math.floor(Math.random() * MOST_LATE);
    this.#requests.set(requestId, { late, answer: this.#process(ids) });
    if (chance(0.03)) {
      this.#count('answers lost');
      response.destroy();
    } else {
      setTimeout(() => send(response, 200, { requestId }), Math.random() * 20);
    }
  }

  #statusOf(requestId: string): object {
    this.#count('checks');
    const request = this.#requests.get(requestId);
    if (request === undefined) return { error: { code: 400, reason: 'INVALID_REQUEST_ID' } };
    if (request.late === 0) return request.answer;
    request.late -= 1;
    const status = chance(0.5) ? { requestStatus: 'PROCESSING' } : {};
    return { requestStatusPerDestination: [status] };
  }

  /** Decides on each event of a request, and on how much of it is reported. */
  #process(ids: readonly string[]): object {
    const places = new Map<string, number[]>();
    for (const [place, id] of ids.entries()) {
      const code = this.#errorOf(id);
      if (code === undefined) this.counted.add(id);
      else places.set(code, [...(places.get(code) ?? []), place]);
    }
    const failed = [...places.values()].flat().length;
    const located = Math.random();
    const errorCounts = [...places].map(([code, recordIndices]) => ({
      reason: `PROCESSING_ERROR_REASON_${code}`,
      recordCount: String(recordIndices.length),
      ...(located < 0.6 ? { recordIndices } : {}),
      ...(located > 0.9 ? { recordIndices: recordIndices.slice(1) } : {}),
    }));
    if (failed > 0) this.#count(located < 0.6 ? 'results with places' : 'results without places');
    const requestStatus =
      failed === 0
        ? 'SUCCESS'
        : failed < ids.length
          ? 'PARTIAL_SUCCESS'
          : oneOf('FAILED', 'FAILURE');
    const errorInfo = failed === 0 || chance(0.02) ? {} : { errorInfo: { errorCounts } };
    return { requestStatusPerDestination: [{ requestStatus, ...errorInfo }] };
  }

  #errorOf(id: string): string | undefined {
    const { fate, code } = fateOf(id);
    const attempts = (this.#attempts.get(id) ?? 0) + 1;
    this.#attempts.set(id, attempts);
    if (fate === 'counted before') this.counted.add(id);
    if (this.counted.has(id)) {
      this.#count('duplicates');
      return 'DUPLICATE_TRANSACTION_ID';
    }
    const passes = fate === 'counted' || (fate === 'transient' && attempts > TRANSIENT_ATTEMPTS);
    return passes ? undefined : code;
  }

  #count(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }
}

function oneOf<T>(...all: readonly T[]): T {
  return all[Math.floor(Math.random() * all.length)] as T;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
