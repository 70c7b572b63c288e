import type { Finding, FindingLevel } from '../../index.ts';
import { onOneLine, type Paint, printable } from '../colours.ts';
import type { CommandDefinition } from '../command.ts';
import { DATABASE_FLAGS } from '../flags.ts';

/** Compares a database with what the package makes of it. */
export const verify: CommandDefinition = {
  name: 'verify',
  summary: 'compare the database with what the migrations make of it',
  details:
    'Looks at tables, columns, constraints, indexes, functions and who may use them; changes nothing. Every difference comes with what fixes it.',
  flags: [...DATABASE_FLAGS, 'json'],
  example: '--json',
  runsMigrations: false,
  async run({ json: _json, envFile: _envFile, ...options }, { signal, paint }) {
    const { verifySchema } = await import('../../index.ts');
    const result = await verifySchema({ ...options, signal });
    const head = result.head === undefined ? 'nothing' : onOneLine(result.head);
    const last = result.ok
      ? `${paint.good('right')}: the schema is as the migrations make it. The last one is ${head}.`
      : `${paint.bad('wrong')}: the schema is not as the migrations make it. The last one is ${head}.`;
    const text = [...findingLines(result.findings, paint), last, ''].join('\n');
    return { document: result, text, right: result.ok };
  },
};

const LEVELS: readonly FindingLevel[] = ['error', 'security', 'info'];

/** Findings for people, by level. */
export function findingLines(findings: readonly Finding[], paint: Paint): string[] {
  return LEVELS.flatMap((level) => group(level, findings, paint));
}

function group(level: FindingLevel, findings: readonly Finding[], paint: Paint): string[] {
  const ofLevel = findings.filter((finding) => finding.level === level);
  if (ofLevel.length === 0) return [];
  const colour = level === 'info' ? paint.warning : paint.bad;
  return [
    `${colour(level)} (${ofLevel.length})`,
    ...ofLevel.flatMap((one) => lines(one, paint)),
    '',
  ];
}

function lines({ code, object, expected, found, fix }: Finding, paint: Paint): string[] {
  return [
    `  ${paint.strong(code)} ${onOneLine(object)}`,
    `    expected: ${onOneLine(expected)}`,
    `    found:    ${onOneLine(found)}`,
    // SQL to be copied keeps its lines.
    ...(fix === undefined ? [] : [`    fix:   ${printable(fix).replace(/\n/g, '\n      ')}`]),
  ];
}
