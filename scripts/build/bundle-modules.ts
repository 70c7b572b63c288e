import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import type { EntryPoints } from './entry-points.ts';
import { isBuiltIn, nodePgMigrate } from './node-pg-migrate.ts';

/**
 * Compiles the modules to dist, and puts into one file what is always loaded together: each file
 * that an import opens takes a fresh process one or two milliseconds. All that a call with nothing to
 * do runs through is one, `core`, and what `./queue` shares with it is there; what the sources load
 * later stays apart. node-pg-migrate's command
 * wants each migration in a file, and a run has them all in one: the two are built apart.
 */
export async function bundleModules(
  root: string,
  { modules, migrations }: Pick<EntryPoints, 'modules' | 'migrations'>,
): Promise<void> {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const sources of [modules, migrations]) {
    await build({
      cwd: root,
      input: Object.fromEntries(sources.map((file) => [file.replace(/\.ts$/, ''), `./${file}`])),
      external: (id, _importer, isResolved) =>
        !isResolved && /^[^./]/.test(id) && !id.includes(':\\') && !isBuiltIn(id),
      plugins: [nodePgMigrate],
      platform: 'node',
      tsconfig: false,
      // The command shows its version without loading the rest.
      optimization: { inlineConst: { mode: 'all' } },
      transform: { target: `node${String(engines.node).replace('>=', '')}` },
      logLevel: 'warn',
      output: {
        dir: 'dist',
        format: 'esm',
        entryFileNames: '[name].js',
        // node-pg-migrate takes every file beside the migrations for one more.
        chunkFileNames: 'src/chunks/[name]-[hash].js',
        codeSplitting: { groups: [{ name: 'core', test: /[\\/]src[\\/]index\.ts$/ }] },
        comments: { legal: true, annotation: true, jsdoc: false },
      },
    });
  }
}
