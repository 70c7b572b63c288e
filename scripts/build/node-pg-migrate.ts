import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** The modules of node-pg-migrate that a run needs. */
const NEEDED = /^node-pg-migrate\/(migration|migrationBuilder)$/;

/**
 * Takes what a run needs of node-pg-migrate into the package's own files: as it is published it is a
 * hundred files and glob, which takes a fresh process 115 ms of CPU to import, and 10 so. Its
 * license goes along.
 */
export const nodePgMigrate: Plugin = {
  name: 'node-pg-migrate',
  setup(build) {
    build.onResolve({ filter: NEEDED }, ({ path }) => ({
      path: fileURLToPath(import.meta.resolve(path)),
      sideEffects: false,
    }));
    // It would look for the files of new migrations, which nobody here asks for.
    build.onResolve({ filter: /^glob$/ }, ({ path }) => ({ path, namespace: 'absent' }));
    build.onLoad({ filter: /^/, namespace: 'absent' }, ({ path }) => ({
      contents: `export function ${path}() { throw new Error('${path} is not part of this package.'); }`,
    }));
    build.onLoad(
      { filter: /[\\/]node-pg-migrate[\\/]dist[\\/]legacy[\\/](migration|migrationBuilder)\.js$/ },
      ({ path }) => {
        const root = join(dirname(path), '..', '..');
        const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
        const license = readFileSync(join(root, 'LICENSE'), 'utf8').trim();
        const contents = `/*!\nnode-pg-migrate ${version}\n\n${license}\n*/\n${readFileSync(path, 'utf8')}`;
        return { contents, loader: 'js' };
      },
    );
  },
};
