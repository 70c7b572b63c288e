import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'rolldown';

/** The modules of node-pg-migrate that a run needs. */
const NEEDED = /^node-pg-migrate\/(migration|migrationBuilder)$/;
const THEIR_FILES =
  /[\\/]node-pg-migrate[\\/]dist[\\/]legacy[\\/](migration|migrationBuilder)\.js$/;

/** It would look for the files of new migrations, which nobody here asks for. */
const UNUSED = 'glob';
const ABSENT = `\0${UNUSED}`;

/** Whether what is imported by this name becomes a part of the package's own files. */
export function isBuiltIn(name: string): boolean {
  return NEEDED.test(name) || name === UNUSED;
}

/**
 * Takes what a run needs of node-pg-migrate into the package's own files: as it is published it is a
 * hundred files and glob, which takes a fresh process 115 ms of CPU to import, and 10 so. Its
 * license goes along.
 */
export const nodePgMigrate: Plugin = {
  name: 'node-pg-migrate',
  resolveId(source) {
    if (source === UNUSED) return ABSENT;
    if (!NEEDED.test(source)) return null;
    return { id: fileURLToPath(import.meta.resolve(source)), moduleSideEffects: false };
  },
  load(id) {
    if (id !== ABSENT) return null;
    return `export function ${UNUSED}() { throw new Error('${UNUSED} is not part of this package.'); }`;
  },
  transform(code, id) {
    if (!THEIR_FILES.test(id)) return null;
    const needed = id.endsWith('migration.js') ? withoutFileMethods(code) : code;
    const root = join(dirname(id), '..', '..');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const license = readFileSync(join(root, 'LICENSE'), 'utf8').trim();
    return `/*!\nnode-pg-migrate ${version}\n\n${license}\n*/\n${needed}`;
  },
};

/**
 * Leaves out the static methods, which write the files of new migrations. One has import.meta, which
 * Jest does not accept where Babel compiles modules to CommonJS.
 */
function withoutFileMethods(code: string): string {
  const needed = code.replaceAll(/^\tstatic async \w+\([\s\S]*?^\t\}\n/gm, '');
  if (needed === code || needed.includes('import.meta')) {
    throw new Error('The static methods of node-pg-migrate/migration are not where they were.');
  }
  return needed;
}
