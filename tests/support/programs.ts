import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { oncePerRun } from './once-per-run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What tests start as a process of its own. */
const PROGRAMS = {
  cli: 'src/cli/main.ts',
  boot: 'tests/support/boot-process.ts',
  'queue-worker': 'tests/support/queue-worker-process.ts',
  'upload-worker': 'tests/support/upload-worker-process.ts',
} as const;

/** Bundles the programs, which then start in a quarter of the CPU that tsx takes, and returns the file of one. */
export async function programFile(name: keyof typeof PROGRAMS): Promise<string> {
  const folder = await oncePerRun('programs', async (outdir) => {
    // pg and node-pg-migrate resolve from there.
    symlinkSync(join(ROOT, 'node_modules'), join(outdir, 'node_modules'), 'junction');
    await build({
      absWorkingDir: ROOT,
      entryPoints: PROGRAMS,
      outdir,
      bundle: true,
      splitting: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      outExtension: { '.js': '.mjs' },
    });
  });
  return join(folder, `${name}.mjs`);
}
