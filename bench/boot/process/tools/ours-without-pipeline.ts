import { importLibrary } from '../tool.ts';

const { runMigrations } = await importLibrary<typeof import('../../../../src/index.ts')>(
  'conversion-tracking-schema',
);

/** As with a release of pg that has none. */
export const boot = (url: string) =>
  runMigrations({ databaseUrl: { connectionString: url, pipeline: false } });
