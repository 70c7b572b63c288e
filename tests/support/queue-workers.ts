import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { programFile } from './programs.ts';

/** What each worker is told. */
export interface QueueWorkerOptions {
  readonly url: string;
  /** Entries that it takes at once. */
  readonly limit: number;
  /** For how long. */
  readonly lease: string;
  /** How many of its claims it answers late, from 0 to 1. */
  readonly slowness: number;
  /** And by how much. */
  readonly slowMs: number;
}

/** Keeps the number of worker processes constant until nothing is left to upload. */
export class QueueWorkers {
  readonly #script: string;
  readonly #options: QueueWorkerOptions;
  readonly #onClaim: () => void;
  readonly #running = new Set<ChildProcess>();
  /** Those that have taken something. */
  readonly #busy = new Set<ChildProcess>();
  #done = () => {};
  readonly done: Promise<void>;

  /** Starts them. */
  static async start(
    count: number,
    options: QueueWorkerOptions,
    onClaim: () => void,
  ): Promise<QueueWorkers> {
    return new QueueWorkers(await programFile('queue-worker'), count, options, onClaim);
  }

  private constructor(
    script: string,
    count: number,
    options: QueueWorkerOptions,
    onClaim: () => void,
  ) {
    this.#script = script;
    this.#options = options;
    this.#onClaim = onClaim;
    this.done = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    for (let started = 0; started < count; started += 1) this.#start();
  }

  /** Ends one of those at work by SIGKILL, and starts another. Whether there was one. */
  kill(): boolean {
    const busy = [...this.#busy];
    const victim = busy[Math.floor(Math.random() * busy.length)];
    if (!victim) return false;
    this.#busy.delete(victim);
    this.#start();
    victim.kill('SIGKILL');
    return true;
  }

  #start(): void {
    const child = spawn(process.execPath, [this.#script, JSON.stringify(this.#options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#running.add(child);
    createInterface({ input: child.stdout }).on('line', () => {
      if (child.killed) return;
      this.#busy.add(child);
      this.#onClaim();
    });
    child.on('close', () => {
      this.#busy.delete(child);
      this.#running.delete(child);
      if (this.#running.size === 0) this.#done();
    });
  }
}
