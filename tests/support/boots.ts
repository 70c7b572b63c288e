import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';
import type { MigrationEvent, RunMigrationsOptions } from '../../src/index.ts';

/** What an application process said of its boot. */
export interface BootReport {
  readonly ok: boolean;
  readonly ran?: readonly string[];
  readonly code?: string;
  readonly message?: string;
  readonly events: readonly MigrationEvent[];
}

/** An application process that is ready to boot. */
export interface Boot {
  readonly process: ChildProcess;
  /** Lets it call runMigrations(). */
  go(): void;
  /** What it reported, or undefined where it died first. */
  readonly report: Promise<BootReport | undefined>;
}

/** Options of a boot: those of runMigrations(), and an event at which to stop dead. */
export interface BootOptions extends RunMigrationsOptions {
  freezeAt?: { type: MigrationEvent['type']; index: number };
}

let bundle = '';

/** To be called at the top of a test file that starts application processes. */
export function useBoots(): void {
  beforeAll(async () => {
    // Inside the project, so that pg and node-pg-migrate resolve.
    bundle = fileURLToPath(
      new URL(`../../node_modules/.cache/boot-${process.pid}-${Date.now()}/`, import.meta.url),
    );
    await build({
      entryPoints: [fileURLToPath(new URL('boot-process.ts', import.meta.url))],
      outdir: bundle,
      bundle: true,
      splitting: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      outExtension: { '.js': '.mjs' },
    });
  });
  afterAll(() => rmSync(bundle, { recursive: true, force: true }));
}

/** Starts application processes; each waits for `go()`. */
export async function startBoots(count: number, options: BootOptions): Promise<Boot[]> {
  return Promise.all(Array.from({ length: count }, () => startBoot(options)));
}

async function startBoot(options: BootOptions): Promise<Boot> {
  const child = spawn(process.execPath, [`${bundle}boot-process.mjs`, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  await nextLine(lines);
  const report = nextLine(lines).then((line) =>
    line === undefined ? undefined : (JSON.parse(line) as BootReport),
  );
  return { process: child, go: () => child.stdin.write('go\n'), report };
}

function nextLine(lines: Interface): Promise<string | undefined> {
  return new Promise((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(undefined));
  });
}

/** Boots many processes at the same instant. */
export async function bootAtOnce(
  count: number,
  options: BootOptions,
): Promise<(BootReport | undefined)[]> {
  const boots = await startBoots(count, options);
  for (const boot of boots) boot.go();
  return Promise.all(boots.map(({ report }) => report));
}
