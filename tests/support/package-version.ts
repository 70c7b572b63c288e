import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MANIFEST } from '../../src/schema/manifest.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase } from './database.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** How a version differs from this one. */
export interface PackageVersion {
  readonly version: string;
  /** Its last migrations, which this version does not have: name and source. */
  readonly more?: Readonly<Record<string, string>>;
  /** How many of this version's last migrations it does not have. */
  readonly fewer?: number;
}

/** Makes an older or a newer version of the package from these sources, and loads it. */
export async function packageVersion({
  version,
  more = {},
  fewer = 0,
}: PackageVersion): Promise<typeof import('../../src/index.ts')> {
  const folder = temporaryFolder();
  for (const part of ['src', 'migrations', 'scripts', 'package.json']) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const file = (name: string) => join(folder, name);
  const rewrite = (name: string, change: (text: string) => string) =>
    writeFileSync(file(name), change(readFileSync(file(name), 'utf8')));

  rewrite('src/version.ts', (text) => text.replace(/'.*'/, `'${version}'`));
  for (const { name } of fewer > 0 ? migrations.slice(-fewer) : []) {
    const lines = (text: string) =>
      text
        .split('\n')
        .filter((line) => !line.includes(name))
        .join('\n');
    rewrite('src/schema/migrations.ts', lines);
    rewrite('src/schema/migration-modules.ts', lines);
  }
  for (const [position, [name, source]] of Object.entries(more).entries()) {
    writeFileSync(file(`migrations/${name}.ts`), source);
    rewrite('src/schema/migrations.ts', (text) =>
      text.replace('\n];', `\n  { name: '${name}', creates: [] },\n];`),
    );
    rewrite(
      'src/schema/migration-modules.ts',
      (text) =>
        `import * as more${position} from '../../migrations/${name}.ts';\n${text.replace('\n};', `\n  '${name}': more${position},\n};`)}`,
    );
  }
  const { measureManifest }: typeof import('../../scripts/measure-manifest.ts') = await import(
    file('scripts/measure-manifest.ts')
  );
  const same = migrations.length - fewer;
  const steps = await measureManifest((await createDatabase()).url, same);
  writeFileSync(
    file('src/schema/manifest.ts'),
    `export const MANIFEST = ${JSON.stringify([...MANIFEST.slice(0, same), ...steps])};\n`,
  );
  // Its modules were loaded with the manifest that it did not have yet.
  const loaded = temporaryFolder();
  cpSync(folder, loaded, { recursive: true, verbatimSymlinks: true });
  return import(join(loaded, 'src/index.ts'));
}
