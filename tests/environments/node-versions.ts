import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { skipUnless } from '../support/tools.ts';

export const INSTALL_NODES = 'Run: npm install --prefix tests/fixtures/nodes --no-package-lock';
const FOLDER = new URL('../fixtures/nodes/', import.meta.url);

/** By major: `20.19.0` for 20. */
export const nodeVersions: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries<string>(
    JSON.parse(readFileSync(new URL('package.json', FOLDER), 'utf8')).optionalDependencies,
  ).map(([alias, specifier]) => [alias.replace('node', ''), specifier.split('@')[1] ?? '']),
);

/** The folder of that Node's program, to be put on the PATH. */
export function nodeFolder(major: string): string {
  return fileURLToPath(new URL(`node_modules/node${major}/bin/`, FOLDER));
}

export function hasNode(major: string): boolean {
  return existsSync(`${nodeFolder(major)}node`);
}

/** Has every test of the file skipped where one of them is missing. In CI on x64 Linux they fail. */
export function needNodes(): boolean {
  const missing = Object.keys(nodeVersions).filter((major) => !hasNode(major));
  return skipUnless(
    missing.length === 0,
    `Node ${missing.join(', ')} for x64 Linux is missing. ${INSTALL_NODES}`,
    process.platform === 'linux' && process.arch === 'x64',
  );
}
