import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { EntryPoints } from './entry-points.ts';
import { nodePgMigrate } from './node-pg-migrate.ts';

/**
 * Compiles the modules to dist, and puts into one file what is always loaded together: each file
 * that an import opens takes a fresh process one or two milliseconds. What the sources load later
 * stays apart. node-pg-migrate's command wants each migration in a file, and a run has them all in
 * one: the two are built apart.
 */
export async function bundleModules(
  root: string,
  { modules, migrations }: Pick<EntryPoints, 'modules' | 'migrations'>,
): Promise<void> {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const entryPoints of [modules, migrations]) {
    await build({
      absWorkingDir: root,
      entryPoints: [...entryPoints],
      outbase: '.',
      outdir: 'dist',
      // node-pg-migrate takes every file beside the migrations for one more.
      chunkNames: 'src/chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      packages: 'external',
      plugins: [nodePgMigrate],
      legalComments: 'inline',
      platform: 'node',
      format: 'esm',
      target: `node${String(engines.node).replace('>=', '')}`,
      charset: 'utf8',
      logLevel: 'warning',
    });
  }
}
