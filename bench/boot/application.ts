import { type ChildProcess, execFile, fork } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { time } from '../rounds.ts';
import type { Boots } from './build-boots.ts';
import type { BootReply } from './process/tool.ts';
import type { BootTool } from './tools.ts';

/** A process that has loaded its tool and waits. */
export interface Application {
  /** Returns how it went, an error included. */
  attempt(url: string): Promise<BootReply>;
  /** The same for a boot that has to succeed: how many milliseconds it took. */
  boot(url: string): Promise<number>;
  end(): Promise<void>;
}

/** Resolves when it is ready to boot. */
export async function startApplication(
  { folder }: Boots,
  { name, module }: BootTool,
): Promise<Application> {
  const child = fork(join(folder, 'on-demand.mjs'), [join(folder, `${module}.mjs`)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if ((await nextMessage(child)) !== 'ready') throw new Error(`${name} could not be loaded.`);
  const attempt = async (url: string) => {
    child.send(url);
    return (await nextMessage<BootReply>(child)) ?? { ms: Number.NaN, cpuMs: 0, error: 'died' };
  };
  return {
    attempt,
    boot: async (url) => {
      const { ms, error } = await attempt(url);
      if (error !== undefined) throw new Error(`${name} has failed: ${error}`);
      return ms;
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

/** A new process that boots once: milliseconds from its start to its end, and of its CPU. */
export async function bootOnce(
  { folder }: Boots,
  { module }: BootTool,
  url: string,
): Promise<{ readonly ms: number; readonly cpuMs: number }> {
  const args = [join(folder, 'once.mjs'), join(folder, `${module}.mjs`), url];
  let stdout = '';
  const ms = await time(async () => {
    ({ stdout } = await promisify(execFile)(process.execPath, args));
  });
  return { ms, cpuMs: Number(stdout) };
}
