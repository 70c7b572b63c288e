import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A relative import or export, with the name that the compiler leaves as it is in the sources. */
const SPECIFIER = /(?<=(?:from |import\()['"])(\.{1,2}\/[^'"]+)\.ts(?=['"])/g;

/**
 * Deletes the declarations that nobody can reach from an entry point, and names modules in the others
 * as they are called in the package: `.ts` is understood by newer compilers alone.
 */
export function keepReachedDeclarations(folder: string, entryPoints: readonly string[]): void {
  const reached = new Set(entryPoints);
  for (const file of reached) {
    const text = readFileSync(file, 'utf8');
    for (const [, module] of text.matchAll(SPECIFIER)) {
      reached.add(join(dirname(file), `${module}.d.ts`));
    }
    writeFileSync(file, text.replace(SPECIFIER, '$1.js'));
  }
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.d.ts') && !reached.has(join(folder, file))) rmSync(join(folder, file));
  }
}
