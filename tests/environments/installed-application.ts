import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestOf, pack } from '../package/packed.ts';
import { type Finished, run } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Command, PackageManager } from './package-managers.ts';

/** A project of somebody else's in which a package manager has installed the tarball. */
export interface InstalledApplication {
  readonly folder: string;
  /** What the package manager said. */
  readonly installed: Finished;
  write(file: string, text: string): void;
  /** Runs a script of the application's, or a program of a dependency's. */
  run(
    how: 'node' | 'exec',
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<Finished>;
}

/** Installs the tarball, its peers, and what an application needs to compile. */
export async function installApplication(manager: PackageManager): Promise<InstalledApplication> {
  const { tarball, source } = await pack();
  const { dependencies, devDependencies } = manifestOf(source);
  const ours = ['@types/node', '@types/pg', 'kysely', 'pg', 'typescript'];
  const folder = temporaryFolder();
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  write(
    'package.json',
    JSON.stringify({
      name: 'application',
      private: true,
      dependencies: {
        'conversion-tracking-schema': `file:${tarball}`,
        ...Object.fromEntries(ours.map((name) => [name, devDependencies[name]])),
        ...(manager.typescript === undefined ? {} : { typescript: manager.typescript }),
        ...(manager.linksAllPrograms ? {} : { 'node-pg-migrate': dependencies['node-pg-migrate'] }),
      },
    }),
  );
  for (const [file, text] of Object.entries(manager.settings)) write(file, text);
  const start = ([program, ...first]: Command, args: readonly string[], env = {}) =>
    run(program, [...first, ...args], { cwd: folder, env: { ...manager.env, ...env } });
  return {
    folder,
    installed: await start(manager.install, []),
    write,
    run: (how, args, env) => start(manager[how], args, env),
  };
}
