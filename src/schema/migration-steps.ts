import { MigrationBuilder } from 'node-pg-migrate/migrationBuilder';
import { type MigrationModule, moduleOf } from './migration-modules.ts';
import type { Migration } from './migrations.ts';

type BuilderArguments = ConstructorParameters<typeof MigrationBuilder>;
type Action = MigrationModule['up'];

/** Answers the statements that a migration sends at once, before its steps, with no rows. */
const OFFLINE = {
  query: async () => ({ rows: [] }),
  select: async () => [],
} as unknown as BuilderArguments[0];

const SILENT = { info() {}, warn() {}, error() {} };

/** Returns the statements of a migration. Needs no database. */
export async function migrationSteps(
  migration: Migration,
  direction: 'up' | 'down',
): Promise<readonly string[]> {
  const builder = new MigrationBuilder(OFFLINE, {}, false, SILENT);
  const module = moduleOf(migration);
  // The two entries of node-pg-migrate declare their types apart; the builder is the same.
  await module[direction](builder as unknown as Parameters<Action>[0]);
  return builder.getSqlSteps();
}
