import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleModules } from './build/bundle-modules.ts';
import { writeCommonJs } from './build/commonjs.ts';
import { keepReachedDeclarations } from './build/declarations.ts';
import { readEntryPoints } from './build/entry-points.ts';

// Writes dist/: what the package ships. Usage: npm run build

const root = fileURLToPath(new URL('..', import.meta.url));

// A file left from an earlier build would be taken for a migration.
rmSync(`${root}dist`, { recursive: true, force: true });
execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
const entryPoints = readEntryPoints(root);
keepReachedDeclarations(`${root}dist/types`, entryPoints.declarations);
await bundleModules(root, entryPoints);
await writeCommonJs(root, entryPoints.exported);
