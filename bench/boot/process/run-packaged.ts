import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

const dir = fileURLToPath(
  new URL('node_modules/conversion-tracking-schema/dist/migrations', import.meta.url),
);

/** node-pg-migrate's own runner with the migrations as the package ships them, in one transaction. */
export async function runPackaged(
  databaseUrl: string,
  advisoryLockMode: 'fail' | 'wait',
): Promise<void> {
  await runner({
    databaseUrl,
    dir,
    direction: 'up',
    migrationsTable: 'tracking_migrations',
    singleTransaction: true,
    advisoryLockMode,
    log: () => {},
  });
}
