import { spawn } from 'node:child_process';

/** A child process that has ended. */
export interface Finished {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What npm tells the scripts of this project is not meant for other projects. */
const FROM_NPM =
  /^(npm_(package|lifecycle)_|npm_config_(local_prefix|dry_run|ignore_scripts|include)$)/i;

/** Runs a program to its end, whatever its exit code. Without output for a minute it is killed. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Finished> {
  const inherited = Object.entries(process.env).filter(([name]) => !FROM_NPM.test(name));
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...Object.fromEntries(inherited), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      timer.refresh();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      timer.refresh();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}

/** Runs a program that has to succeed, and returns what it wrote to stdout. */
export async function runOrThrow(...call: Parameters<typeof run>): Promise<string> {
  const { code, stdout, stderr } = await run(...call);
  if (code !== 0) {
    throw new Error(`${call[0]} ${call[1].join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
  }
  return stdout;
}
