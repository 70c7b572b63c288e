import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { MigrationEvent, RunMigrationsOptions } from '../../src/index.ts';
import { programFile } from './programs.ts';

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

/** Starts application processes; each waits for `go()`. */
export async function startBoots(count: number, options: BootOptions): Promise<Boot[]> {
  return Promise.all(Array.from({ length: count }, () => startBoot(options)));
}

async function startBoot(options: BootOptions): Promise<Boot> {
  const script = await programFile('boot');
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
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
