import type { CommandDefinition } from '../command.ts';
import { DATABASE_FLAGS } from '../flags.ts';
import { migrate } from './migrate.ts';

/** Rolls back migrations. */
export const down: CommandDefinition = {
  name: 'down',
  summary: 'roll back migrations',
  details:
    'Needs --count or --target. Refuses to drop tables that hold rows unless --allow-data-loss is given.',
  flags: [
    ...DATABASE_FLAGS,
    'count',
    'target',
    'allowDataLoss',
    'yes',
    'dryRun',
    'migrationLockTimeoutMs',
    'lockTimeoutMs',
    'statementTimeoutMs',
    'json',
  ],
  example: '--count 1',
  runsMigrations: true,
  confirmation: ({ count, dryRun }) =>
    count === Number.POSITIVE_INFINITY && !dryRun ? 'Roll back all migrations?' : undefined,
  run: (flags, context) => migrate('down', flags, context),
};
