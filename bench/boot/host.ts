import { type ChildProcess, fork, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Boots } from './build-boots.ts';
import type { BootReply } from './process/tool.ts';

/** An application's process that has loaded its tool and waits. */
export interface Host {
  boot(url: string): Promise<BootReply>;
  end(): Promise<void>;
}

/** Resolves when it is ready to boot. */
export async function startApplication({ folder }: Boots, module: string): Promise<Host> {
  const child = fork(join(folder, 'on-demand.mjs'), [join(folder, `${module}.mjs`)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await nextMessage<string>(child);
  if (ready !== 'ready') throw new Error(`${module} could not be loaded.`);
  return {
    boot: async (url) => {
      child.send(url);
      return (await nextMessage<BootReply>(child)) ?? { ms: Number.NaN, cpuMs: 0, error: 'died' };
    },
    end: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** Undefined where the process dies first. */
function nextMessage<Message>(child: ChildProcess): Promise<Message | undefined> {
  return new Promise((resolve) => {
    const onExit = () => resolve(undefined);
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.removeListener('exit', onExit);
      resolve(message as Message);
    });
  });
}

/** Milliseconds of a process that has to succeed, from its start to its end. */
export async function runProcess(args: readonly string[], url: string): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ms = performance.now() - start;
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`);
  return ms;
}

/** The arguments for Node of a process that boots once. */
export function once({ folder }: Boots, module: string, url: string): string[] {
  return [join(folder, 'once.mjs'), join(folder, `${module}.mjs`), url];
}
