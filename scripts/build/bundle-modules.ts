import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Compiles the modules to dist, and puts into one file what is always loaded together: each file
 * that an import opens takes a fresh process about half a millisecond. What the sources load later
 * stays apart, and so do the migrations.
 */
export async function bundleModules(root: string, modules: readonly string[]): Promise<void> {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  await build({
    absWorkingDir: root,
    entryPoints: [...modules],
    outbase: '.',
    outdir: 'dist',
    // node-pg-migrate takes every file beside the migrations for one more.
    chunkNames: 'src/chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: `node${String(engines.node).replace('>=', '')}`,
    charset: 'utf8',
    logLevel: 'warning',
  });
}
