import { importLibrary } from '../tool.ts';

const { runMigrations } = await importLibrary<typeof import('../../../../src/index.ts')>(
  'conversion-tracking-schema',
);

export const boot = (url: string) => runMigrations({ databaseUrl: url });
