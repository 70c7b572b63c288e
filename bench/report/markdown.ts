import {
  type Column,
  type Comparison,
  compare,
  compareSizes,
  compareWithPeers,
  type Line,
  median,
  nameOf,
  type SectionResult,
} from '../lines.ts';

/** 12345.6 as `12,346`; small numbers keep three digits that matter. */
export function count(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString('en', { maximumFractionDigits: digits });
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** A line a row: what, each column, who is ahead, rounds and spread. */
export function sectionTable({ columns, lines }: SectionResult): string {
  return table(
    ['', ...columns.map(({ name }) => name), 'ratio', 'rounds', 'spread'],
    lines.map((line) => {
      const result = compareLine(line, columns);
      return [
        nameOf(line),
        ...columns.map((column) => cell(line, column)),
        ratio(line, columns),
        // Of a count there is one.
        result && result.rounds > 1 ? String(result.rounds) : '–',
        result && result.rounds > 1 ? `${Math.round(result.spread * 100)} %` : '–',
      ];
    }),
  );
}

function cell(line: Line, { name }: Column): string {
  const samples = line.samples[name] ?? [];
  return samples.length === 0 ? '–' : count(median(samples));
}

/** With the best peer; where there is none, with the least that it can cost; or all sizes. */
function compareLine(line: Line, columns: readonly Column[]): Comparison | undefined {
  const [ours, limit] = [named(columns, 'ours'), named(columns, 'limit')];
  if (ours === undefined) return compareSizes(line, columns);
  return compareWithPeers(line, columns) ?? (limit ? compare(line, ours, limit) : undefined);
}

function named(columns: readonly Column[], wanted: Column['role']): string | undefined {
  return columns.find(({ role }) => role === wanted)?.name;
}

/** Names the winner. */
export function ratio(line: Line, columns: readonly Column[]): string {
  const result = compareLine(line, columns);
  if (result === undefined) return '–';
  const { cost, other, spread } = result;
  if (named(columns, 'ours') === undefined) return `${cost.toFixed(2)}× of ${other} rows`;
  if (compareWithPeers(line, columns) === undefined) return `${cost.toFixed(2)}× of ${other}`;
  if (Math.abs(cost - 1) <= Math.max(spread, 0.02)) return `level with ${other}`;
  return cost < 1
    ? `**this package** ${(1 / cost).toFixed(2)}× ahead of ${other}`
    : `**${other}** ${cost.toFixed(2)}× ahead`;
}
