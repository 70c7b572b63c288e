import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Interruption } from '../../src/cli/interruption.ts';
import { runCommandLine } from '../../src/cli/run-command-line.ts';
import { type Finished, run } from '../support/process.ts';
import { programFile } from '../support/programs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Node's arguments to run the command line of this checkout from any folder. */
export const MAIN: readonly string[] = [await programFile('cli')];

/** Runs the command line in this process, without signals. */
export async function inProcess(...args: string[]): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  const code = await runCommandLine(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    interruption: new Interruption(() => {}),
  });
  return { code, stdout, stderr };
}

/** Runs the command line in a process of its own. */
export function inChild(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string = ROOT,
): Promise<Finished> {
  return run(process.execPath, [...MAIN, ...args], { cwd, env });
}

/** A running process of the command line. */
export interface Started {
  readonly process: ChildProcess;
  /** Waits until stdout and stderr together contain a text. */
  shows(text: string): Promise<void>;
  readonly finished: Promise<Finished & { readonly signal: NodeJS.Signals | null }>;
}

/** Starts the command line in a process of its own. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv): Started {
  const child = spawn(process.execPath, [...MAIN, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const finished = new Promise<Awaited<Started['finished']>>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return {
    process: child,
    finished,
    shows: (expected) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if ((stdout + stderr).includes(expected)) resolve();
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        child.on('close', () =>
          reject(new Error(`ended before "${expected}": ${stdout}${stderr}`)),
        );
        look();
      }),
  };
}
