import { median } from '../rounds.ts';
import type { LookFigures, VerifyGrowthResult } from '../tables/verify-growth.ts';
import { count, middle, ratio } from './figures.ts';
import { lineChart } from './line-chart.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

export function verifyGrowthSection({ rounds, findings, figures }: VerifyGrowthResult): Section {
  const calls = [...new Set(figures.map(({ call }) => call))];
  const find = (call: string | undefined, { tables, functions }: Size): LookFigures => {
    const found = figures.find(
      (one) => one.call === call && one.tables === tables && one.functions === functions,
    );
    if (found === undefined) throw new Error(`no figures of ${call} with ${tables} tables`);
    return found;
  };
  const [bare] = calls;
  return {
    goals: [],
    charts: {
      'verify-growth-time.svg': lineChart({
        title: 'Time of a call, as the application’s tables grow in number',
        x: { label: 'tables of the application, each with an index', scale: 'linear' },
        y: { label: 'milliseconds', scale: 'linear' },
        series: calls.map((call) => ({
          name: call,
          points: findings
            .filter(({ functions }) => functions === 0)
            .map((size) => [size.tables, median(find(call, size).ms)] as const),
        })),
      }),
    },
    markdown: `## Looking at the schema as the application's own objects grow in number

Each call in a process that runs already, with a connection of its own. The application's tables have an index each;
its functions are SECURITY DEFINER and open to everybody, every tenth reads a table of ours, and every fifth
calls the one before it. ${rounds} interleaved rounds; medians, and beside them how many times as much as a bare
connection with \`SELECT 1\` to the same database in the same round. Statements are pg_stat_statements',
settings with them, and queries those of them that ask for something.

${calls
  .map(
    (call) => `### ${call}

${table(
  ['tables', 'functions', 'ms', 'statements', 'queries'],
  findings.map((size) => [
    count(size.tables),
    count(size.functions),
    call === bare
      ? middle(find(call, size).ms)
      : `${middle(find(call, size).ms)} (${ratio(find(call, size).ms, find(bare, size).ms)})`,
    count(find(call, size).statements),
    count(find(call, size).queries),
  ]),
)}`,
  )
  .join('\n\n')}

![Time of a call against the application's tables](benchmarks/verify-growth-time.svg)

Findings of \`verifySchema()\`: ${findings.map(({ tables, functions, findings: found }) => `${count(found)} with ${count(tables)} tables and ${count(functions)} functions`).join(', ')}.`,
  };
}

interface Size {
  readonly tables: number;
  readonly functions: number;
}
