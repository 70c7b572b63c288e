import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

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

let bundle = '';

/** To be called at the top of a test file that starts workers. */
export function useQueueWorkers(): void {
  beforeAll(async () => {
    // Inside the project, so that pg resolves.
    bundle = fileURLToPath(
      new URL(`../../node_modules/.cache/worker-${process.pid}-${Date.now()}/`, import.meta.url),
    );
    await build({
      entryPoints: [fileURLToPath(new URL('queue-worker-process.ts', import.meta.url))],
      outdir: bundle,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      outExtension: { '.js': '.mjs' },
    });
  });
  afterAll(() => rmSync(bundle, { recursive: true, force: true }));
}

/** Worker processes of which there are always as many, until nothing is left to be uploaded. */
export class QueueWorkers {
  readonly #options: QueueWorkerOptions;
  readonly #onClaim: () => void;
  readonly #running = new Set<ChildProcess>();
  /** Those that have taken something. */
  readonly #busy = new Set<ChildProcess>();
  #done = () => {};
  readonly done: Promise<void>;

  constructor(count: number, options: QueueWorkerOptions, onClaim: () => void) {
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
    const script = `${bundle}queue-worker-process.mjs`;
    const child = spawn(process.execPath, [script, JSON.stringify(this.#options)], {
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
