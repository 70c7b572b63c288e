import { ago, type Entries, type Entry, type Micros } from './entry.ts';
import type { Result } from './predict-settle.ts';
import { keyOf, type Request, type Requests, requestAgo } from './request.ts';

/** What a claim has handed out. */
export interface Claim {
  readonly lease_id: string;
  readonly ids: readonly string[];
}

/** With which claim an entry is out, and until when nobody else may get it. */
export interface Out {
  readonly lease_id: string;
  readonly until: Micros;
}

/** What a transaction has done that nobody else sees, and has locked. */
interface OpenTransaction {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly requests: Requests;
  readonly out: ReadonlyMap<string, Out | undefined>;
  readonly locked: ReadonlySet<string>;
}

const NOTHING: OpenTransaction = {
  entries: new Map(),
  requests: new Map(),
  out: new Map(),
  locked: new Set(),
};

/** A completion with a request id, to be repeated. */
export interface Completion {
  readonly ids: readonly string[];
  readonly request_id: string;
}

/** The queue as it has to be: what is committed, what each worker has done besides, and has in hand. */
export class Model {
  /** The server's clock when it was last read. */
  clock: Micros;
  /** Of every key that was recorded, the conversion's id and its value. */
  readonly conversions = new Map<string, { readonly id: string; readonly value: string }>();
  /** All claims that ever were, rolled back ones as well. */
  readonly claims: Claim[] = [];
  /** Those that each worker has in hand. */
  readonly hands: Claim[][];
  /** All completions with a request id, rolled back ones as well. */
  readonly completions: Completion[] = [];
  /** The last result that was reported of a request, by its key. */
  readonly results = new Map<string, Result>();
  #entries: Entries = new Map();
  #requests: Requests = new Map();
  #out: ReadonlyMap<string, Out | undefined> = new Map();
  readonly #open = new Map<number, OpenTransaction>();

  constructor(workers: number, clock: Micros) {
    this.hands = Array.from({ length: workers }, () => []);
    this.clock = clock;
  }

  /** As a worker sees it. */
  entriesFor(worker: number): Entries {
    return new Map([...this.#entries, ...(this.#open.get(worker)?.entries ?? [])]);
  }

  requestsFor(worker: number): Requests {
    return new Map([...this.#requests, ...(this.#open.get(worker)?.requests ?? [])]);
  }

  outFor(worker: number): ReadonlyMap<string, Out | undefined> {
    return new Map([...this.#out, ...(this.#open.get(worker)?.out ?? [])]);
  }

  /** What others have locked. */
  lockedFor(worker: number): ReadonlySet<string> {
    const others = [...this.#open].filter(([owner]) => owner !== worker);
    return new Set(others.flatMap(([, { locked }]) => [...locked]));
  }

  hasOpen(worker: number): boolean {
    return this.#open.has(worker);
  }

  get anyOpen(): boolean {
    return this.#open.size > 0;
  }

  begin(worker: number): void {
    this.#open.set(worker, NOTHING);
  }

  rollBack(worker: number): void {
    this.#open.delete(worker);
  }

  commit(worker: number): void {
    const { entries, requests, out } = this.#open.get(worker) ?? NOTHING;
    this.#open.delete(worker);
    this.#entries = new Map([...this.#entries, ...entries]);
    this.#requests = new Map([...this.#requests, ...requests]);
    this.#out = new Map([...this.#out, ...out]);
  }

  /** Where a worker's transaction stands, to come back to. */
  savepoint(worker: number): () => void {
    const saved = this.#open.get(worker) ?? NOTHING;
    return () => this.#open.set(worker, saved);
  }

  change(
    worker: number,
    changed: readonly Entry[],
    out: ReadonlyMap<string, Out | undefined>,
    locks: readonly string[],
    requests: readonly Request[] = [],
  ): void {
    const alone = !this.hasOpen(worker);
    const before = this.#open.get(worker) ?? NOTHING;
    this.#open.set(worker, {
      entries: new Map([...before.entries, ...changed.map((entry) => [entry.id, entry] as const)]),
      requests: new Map([...before.requests, ...requests.map((one) => [keyOf(one), one] as const)]),
      out: new Map([...before.out, ...out]),
      locked: new Set([...before.locked, ...locks]),
    });
    if (alone) this.commit(worker);
  }

  /** Time passes. No transaction may be open. */
  passTime(by: Micros): void {
    this.#entries = new Map([...this.#entries].map(([id, entry]) => [id, ago(entry, by)]));
    this.#requests = new Map([...this.#requests].map(([key, one]) => [key, requestAgo(one, by)]));
    this.#out = new Map(
      [...this.#out].map(([id, out]) => [id, out && { ...out, until: out.until - by }]),
    );
  }
}
