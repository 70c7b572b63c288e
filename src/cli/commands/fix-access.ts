import type { CommandDefinition } from '../command.ts';
import { DATABASE_FLAGS } from '../flags.ts';
import { singleLine } from '../terminal.ts';
import { describeFindings } from './verify.ts';

/** Fixes privileges, row level security and policies. */
export const fixAccess: CommandDefinition = {
  name: 'fix-access',
  summary: 'revoke access from all roles except the owner and service_role',
  details:
    'Runs the fixes of verify for privileges, row level security and policies in one transaction. Does not change the structure of the tables, nor any object of your own.',
  flags: [...DATABASE_FLAGS, 'migrationLockTimeoutMs', 'lockTimeoutMs', 'json'],
  example: '',
  runsMigrations: false,
  async run({ json: _json, envFile: _envFile, ...options }, { signal, styles, onEvent }) {
    const { fixAccess } = await import('../../index.ts');
    const result = await fixAccess({ ...options, signal, onEvent });
    const { fixed, verified } = result;
    const lines = fixed.map(({ code, object }) => `fixed  ${code} ${singleLine(object)}`);
    const summary = verified.ok
      ? `${styles.success('ok')}: ${fixed.length === 0 ? 'nothing to fix' : `${fixed.length} fixed`}.`
      : `${styles.error('drift')}: ${fixed.length} fixed. The findings above are left.`;
    const left = verified.ok ? [] : describeFindings(verified.findings, styles);
    return { json: result, text: [...lines, ...left, summary, ''].join('\n'), ok: verified.ok };
  },
};
