import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Exported } from './entry-points.ts';

/**
 * Writes each entry point once more for CommonJS: a module that requires the ES module, which Node does
 * from 20.19 on, and its declarations. With `moduleResolution: node16` TypeScript refuses to require
 * an ES module, whatever Node can.
 */
export async function writeCommonJs(root: string, entryPoints: readonly Exported[]): Promise<void> {
  const folder = join(root, 'dist', 'commonjs');
  mkdirSync(folder, { recursive: true });
  for (const { require, types, default: module } of entryPoints) {
    const from = (file: string) => relative(folder, join(root, file)).replaceAll('\\', '/');
    const values = Object.entries(await import(pathToFileURL(join(root, module)).href));
    writeFileSync(join(root, require.default), `module.exports = require('${from(module)}');\n`);
    const source = `'${from(types).replace(/\.d\.ts$/, '.js')}' with { 'resolution-mode': 'import' };`;
    const lines = [
      `export type * from ${source}`,
      ...(values.length > 0 ? [`import type * as module from ${source}`] : []),
      ...values.flatMap(([name, value]) => declare(name, value)),
    ];
    writeFileSync(join(root, require.types), `${lines.join('\n')}\n`);
  }
}

/** A local name hides both meanings that `export type *` has of a class. */
function declare(name: string, value: unknown): string[] {
  const constant = `export declare const ${name}: typeof module.${name};`;
  const isClass = typeof value === 'function' && /^class\b/.test(String(value));
  return isClass ? [constant, `export type ${name} = module.${name};`] : [constant];
}
