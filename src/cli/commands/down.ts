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
    'dryRun',
    'migrationLockTimeoutMs',
    'lockTimeoutMs',
    'statementTimeoutMs',
    'json',
  ],
  example: '--count 1',
  runsMigrations: true,
  run: (flags, context) => migrate('down', flags, context),
};
