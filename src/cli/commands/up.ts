import type { CommandDefinition } from '../command.ts';
import { DATABASE_FLAGS } from '../flags.ts';
import { migrate } from './migrate.ts';

/** Applies pending migrations. */
export const up: CommandDefinition = {
  name: 'up',
  summary: 'apply pending migrations',
  details:
    'Applies all pending migrations in one transaction. Any number of processes may run it at the same time: one applies the migrations, the others wait for it.',
  flags: [
    ...DATABASE_FLAGS,
    'createSchema',
    'count',
    'target',
    'dryRun',
    'migrationLockTimeoutMs',
    'lockTimeoutMs',
    'statementTimeoutMs',
    'json',
  ],
  example: '',
  runsMigrations: true,
  run: (flags, context) => migrate('up', flags, context),
};
