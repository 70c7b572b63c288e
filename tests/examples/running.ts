import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** A program that serves until it is stopped. */
export interface Running {
  /** What it has written so far, to stdout and stderr. */
  output(): string;
  /** Resolves to the match as soon as the output has one; rejects where the program ends first. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends SIGTERM to it alone, not to children of its own. */
  stop(): void;
  /** The exit code; null where a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** Starts a command line by sh. Whatever is left of it at the end of the test is killed. */
export function start(command: string, cwd: string, env: NodeJS.ProcessEnv): Running {
  const child = spawn('sh', ['-c', `exec ${command}`], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  let ended = false;
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      ended = true;
      for (const listener of listeners) listener();
      resolve(code);
    });
  });
  onTestFinished(async () => {
    if (child.pid !== undefined) killGroup(child.pid);
    await exited;
  });
  return {
    output: () => output,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output);
          if (match) resolve(match);
          else if (ended) reject(new Error(`It ended without ${pattern}:\n${output}`));
          if (match || ended) listeners.delete(look);
        };
        listeners.add(look);
        look();
      }),
    stop: () => child.kill('SIGTERM'),
    exited,
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

const LONGEST_MS = 30_000;

/** Asks again and again until the answer is what is wanted; fails with the last one. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  wanted: (answer: T) => boolean,
): Promise<T> {
  const giveUpAt = Date.now() + LONGEST_MS;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > giveUpAt) throw new Error(`Still ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
