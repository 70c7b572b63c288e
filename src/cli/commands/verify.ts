import type { Finding, FindingLevel } from '../../index.ts';
import type { CommandDefinition } from '../command.ts';
import { DATABASE_FLAGS } from '../flags.ts';
import { printable, type Styles, singleLine } from '../terminal.ts';

/** Detects schema drift. */
export const verify: CommandDefinition = {
  name: 'verify',
  summary: 'detect schema drift',
  details:
    'Compares tables, columns, constraints, indexes, functions and privileges with those that the migrations create. Changes nothing. Prints every difference with the SQL that fixes it.',
  flags: [...DATABASE_FLAGS, 'json'],
  example: '--json',
  runsMigrations: false,
  async run({ json: _json, envFile: _envFile, ...options }, { signal, styles }) {
    const { verifySchema } = await import('../../index.ts');
    const result = await verifySchema({ ...options, signal });
    const last = result.head === undefined ? 'none' : singleLine(result.head);
    const summary = result.ok
      ? `${styles.success('ok')}: the schema matches the migrations. Last migration: ${last}.`
      : `${styles.error('drift')}: the schema differs from the migrations. Last migration: ${last}.`;
    const text = [...describeFindings(result.findings, styles), summary, ''].join('\n');
    return { json: result, text, ok: result.ok };
  },
};

const LEVELS: readonly FindingLevel[] = ['error', 'security', 'info'];

/** Formats findings for people, by level. */
export function describeFindings(findings: readonly Finding[], styles: Styles): string[] {
  return LEVELS.flatMap((level) => describeLevel(level, findings, styles));
}

function describeLevel(
  level: FindingLevel,
  findings: readonly Finding[],
  styles: Styles,
): string[] {
  const ofLevel = findings.filter((finding) => finding.level === level);
  if (ofLevel.length === 0) return [];
  const style = level === 'info' ? styles.warning : styles.error;
  return [
    `${style(level)} (${ofLevel.length})`,
    ...ofLevel.flatMap((finding) => describeFinding(finding, styles)),
    '',
  ];
}

function describeFinding(
  { code, object, expected, found, fix }: Finding,
  styles: Styles,
): string[] {
  return [
    `  ${styles.bold(code)} ${singleLine(object)}`,
    `    expected: ${singleLine(expected)}`,
    `    found:    ${singleLine(found)}`,
    // SQL to copy keeps its lines.
    ...(fix === undefined ? [] : [`    fix:      ${printable(fix).replace(/\n/g, '\n      ')}`]),
  ];
}
