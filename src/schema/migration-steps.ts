import { MigrationBuilder } from 'node-pg-migrate/migrationBuilder';
import { type MigrationModule, moduleOf } from './migration-modules.ts';
import type { Migration } from './migrations.ts';

type BuilderArguments = ConstructorParameters<typeof MigrationBuilder>;
type Action = MigrationModule['up'];

/** What a migration sends at once, to see whether it may run, has no one to answer. */
const OFFLINE = {
  query: async () => ({ rows: [] }),
  select: async () => [],
} as unknown as BuilderArguments[0];

const SILENT = { info() {}, warn() {}, error() {} };

/** A migration's statements, without a database. */
export async function stepsOf(
  migration: Migration,
  direction: 'up' | 'down',
): Promise<readonly string[]> {
  const builder = new MigrationBuilder(OFFLINE, {}, false, SILENT);
  const module = moduleOf(migration);
  // The two entries of node-pg-migrate declare their types apart; the builder is the same.
  await module[direction](builder as unknown as Parameters<Action>[0]);
  return builder.getSqlSteps();
}
