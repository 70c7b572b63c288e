import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/**
 * A suite, which `npx vitest run --project name` runs alone. `TEST_POSTGRES_MAJOR=15` in the
 * environment chooses another major of PostgreSQL, `TEST_CASES=all` all cases of the properties.
 */
function suite(
  name: string,
  include: readonly string[],
  options: {
    readonly maxWorkers?: number;
    readonly isolate?: boolean;
    readonly globalSetup?: [];
  } = {},
): TestProjectConfiguration {
  const files = include.map((folder) => `tests/${folder}/**/*.test.ts`);
  // Not at the root, which would start a server of its own.
  const globalSetup = ['tests/support/global-setup.ts'];
  const setupFiles = ['tests/support/setup.ts'];
  return {
    extends: true,
    test: {
      name,
      include: files,
      globalSetup,
      setupFiles,
      maxWorkers: MORE_THAN_CORES,
      ...options,
    },
  };
}

/** Files wait for timeouts and other processes now and then. */
const MORE_THAN_CORES = Math.ceil(availableParallelism() * 1.5);

/** A worker keeps the modules that it has imported: a fifth of the CPU of many short files. */
const SHARED = { isolate: false };

export default defineConfig({
  test: {
    reporters: ['default', './tests/support/skipped-reporter.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      // What `npm test` runs: it needs neither a registry nor anything that is installed apart.
      suite(
        'fast',
        [
          'bench',
          'cli',
          'contract',
          'export',
          'plan',
          'queue',
          'run-migrations',
          'status',
          'types',
          'verify',
        ],
        SHARED,
      ),
      // The packed tarball, installed into applications; the guides executed there; node-pg-migrate's
      // own command.
      suite('package', ['docs', 'node-pg-migrate', 'package']),
      suite('access', ['access'], SHARED),
      suite('supabase', ['supabase'], SHARED),
      suite('environments', ['environments']),
      // Its tests wait for other programs most of the time.
      suite('examples', ['examples'], { maxWorkers: 5 }),
      // The documents as a site, in a browser. It needs no server of PostgreSQL.
      suite('site', ['site'], { globalSetup: [] }),
      suite('scaling', ['scaling']),
      // They wait for timeouts and for one another's commits half of the time.
      suite('faults', ['faults'], { maxWorkers: 2 }),
    ],
  },
});
