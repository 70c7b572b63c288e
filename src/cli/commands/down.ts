import type { CommandDefinition } from '../command.ts';
import { DATABASE_FLAGS } from '../flags.ts';
import { migrate } from './migrate.ts';

/** Takes migrations back. */
export const down: CommandDefinition = {
  name: 'down',
  summary: 'take migrations back',
  details:
    'Needs to know how far: --count or --target. Refuses to drop tables that hold rows, unless told to.',
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
