import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { run } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Example, NPM } from './example.ts';

/** What a Dockerfile makes, in a folder in place of its WORKDIR: the same commands, no image. */
export interface Image {
  readonly folder: string;
  /** The environment of its containers. */
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly command: readonly string[];
}

/** Follows a Dockerfile from its first line to its last; an instruction that it cannot follow is an error. */
export async function buildImage(example: Example): Promise<Image> {
  const folder = temporaryFolder();
  const env: Record<string, string> = { PATH: process.env.PATH ?? '' };
  // Of its own, as in a build: whatever a line does to npm's cache, it is not that of this machine.
  const cache = { npm_config_cache: temporaryFolder() };
  let workdir = '';
  let user = 'root';
  let command: readonly string[] = [];
  const here = (text: string) => text.replaceAll(workdir, folder);
  const instructions: Readonly<Record<string, (rest: string) => Promise<void> | void>> = {
    // The image's own Node is the one that runs the tests.
    FROM: (image) => expect(image).toMatch(/^node:\d+-slim$/),
    WORKDIR: (path) => {
      expect(path).toMatch(/^\/\w+$/);
      workdir = path;
    },
    ENV: (assignment) => {
      const [name = '', value = ''] = assignment.split(/=(.*)/s);
      env[name] = here(value).replace('$PATH', env.PATH ?? '');
    },
    COPY: (list) => {
      const files = list.split(' ');
      expect(files.pop()).toBe('./');
      for (const file of files) cpSync(join(example.folder, file), join(folder, file));
    },
    RUN: async (line) => {
      const { code, stderr } = await run('sh', ['-c', line], {
        cwd: folder,
        env: { ...NPM, ...env, ...cache },
      });
      expect([line, code, code === 0 ? '' : stderr]).toEqual([line, 0, '']);
    },
    USER: (name) => {
      user = name;
    },
    CMD: (list) => {
      command = JSON.parse(list);
    },
  };
  for (const line of example.read('Dockerfile').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', rest = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
    const follow = instructions[name];
    if (follow === undefined) throw new Error(`Cannot follow: ${line}`);
    await follow(rest);
  }
  return { folder, env, user, command };
}
