import { onOneLine } from '../colours.ts';
import type { CommandDefinition } from '../command.ts';
import { DATABASE_FLAGS } from '../flags.ts';
import { findingLines } from './verify.ts';

/** Closes what is the package's own. */
export const close: CommandDefinition = {
  name: 'close',
  summary: 'close the tables to all but their owner and service_role',
  details:
    'Runs the fixes of verify for privileges, row level security and policies, in one transaction. Objects of your own, and the structure of the tables, are left as they are.',
  flags: [...DATABASE_FLAGS, 'migrationLockTimeoutMs', 'lockTimeoutMs', 'json'],
  example: '',
  runsMigrations: false,
  async run({ json: _json, envFile: _envFile, ...options }, { signal, paint, onEvent }) {
    const { fixAccess } = await import('../../index.ts');
    const result = await fixAccess({ ...options, signal, onEvent });
    const { fixed, verified } = result;
    const done = fixed.map(({ code, object }) => `closed  ${code} ${onOneLine(object)}`);
    const last = verified.ok
      ? `${paint.good('right')}: ${fixed.length === 0 ? 'nothing was open' : `${fixed.length} closed`}.`
      : `${paint.bad('wrong')}: ${fixed.length} closed, and the above is left.`;
    const left = verified.ok ? [] : findingLines(verified.findings, paint);
    return { document: result, text: [...done, ...left, last, ''].join('\n'), right: verified.ok };
  },
};
