import type { CommandDefinition } from '../command.ts';
import { DATABASE_FLAGS } from '../flags.ts';
import { migrate } from './migrate.ts';

/** Brings the schema into a database, or up to date. */
export const up: CommandDefinition = {
  name: 'up',
  summary: 'bring the schema into the database, or up to date',
  details:
    'Everything pending is applied in one transaction: all of it, or nothing. Any number of processes may do it at once: one applies, the others wait for it.',
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
