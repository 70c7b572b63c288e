import { rmSync } from 'node:fs';

// A file left from an earlier build would be taken for a migration.
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
