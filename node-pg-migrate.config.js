import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// In a checkout the migrations are TypeScript; the package ships them compiled.
const folders = ['./migrations', './dist/migrations'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

/** Settings for node-pg-migrate's CLI: the migrations table and the lock that runMigrations() uses. */
export default {
  'migrations-dir': folders.find((folder) => existsSync(folder)),
  'migrations-table': 'tracking_migrations',
  'advisory-lock-mode': 'wait',
};
