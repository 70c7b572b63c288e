import type { WriteFigures, WritesResult } from '../writes.ts';
import { count, medianRatio, middle, ratio, times } from './figures.ts';
import { goal } from './goal.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

/** Of the CPU that a row of visitors costs with second indexes. */
const MOST_CPU = 0.77;

export function writesSection({ rounds, rows, figures }: WritesResult): Section {
  return {
    charts: {},
    markdown: `## Writing rows

The schema as shipped, beside the contract as it reads word by word: with a plain index besides the one behind
each UNIQUE constraint. What is shipped has checks that the other has not. One client, ${rows.map(({ batch, rows: written }) => `${count(written)} rows a round ${batch === 1 ? 'in an INSERT each' : `in INSERTs of ${count(batch)}`}`).join(', ')};
keys are random, and no index can be left out of an insert for being null. ${rounds} interleaved rounds into
tables that grow; medians, and beside them how many times as much as the contract in the same round. CPU time
is the server's alone. Bytes of indexes are what they have grown by over all rounds.

${rows.map(({ batch }) => part(figures, batch)).join('\n\n')}`,
  };
}

function part(figures: readonly WriteFigures[], batch: number): string {
  const own = figures.filter((one) => one.batch === batch);
  const literalOf = (name: string) => {
    const found = own.findLast((one) => one.table === name);
    if (found === undefined) throw new Error(`no figures of ${name}`);
    return found;
  };
  const cells = (one: WriteFigures, literal: WriteFigures) =>
    (['rowsPerSecond', 'cpuPerRow', 'walPerRow'] as const).map((figure) => {
      if (one[figure].length === 0) return 'unknown';
      const beside = one === literal ? '' : ` (${ratio(one[figure], literal[figure])})`;
      return `${middle(one[figure])}${beside}`;
    });
  const bytes = (one: WriteFigures, literal: WriteFigures) =>
    one === literal
      ? count(one.indexBytesPerRow)
      : `${count(one.indexBytesPerRow)} (${times(one.indexBytesPerRow / literal.indexBytesPerRow)})`;
  return `### ${batch === 1 ? 'A row an INSERT' : `${count(batch)} rows an INSERT`}

${table(
  [
    'table',
    'schema',
    'rows a second',
    'µs of CPU a row',
    'WAL bytes a row',
    'bytes of indexes a row',
  ],
  own.map((one) => {
    const literal = literalOf(one.table);
    return [one.table, one.schema, ...cells(one, literal), bytes(one, literal)];
  }),
)}

${cpuGoal(own)}`;
}

function cpuGoal(figures: readonly WriteFigures[]): string {
  const [shipped, literal] = figures.filter(({ table: name }) => name === 'visitors');
  if (!shipped?.cpuPerRow.length || !literal) return 'CPU time is unknown on this system.';
  const share = medianRatio(shipped.cpuPerRow, literal.cpuPerRow);
  return goal(
    `a row of visitors takes at most ${MOST_CPU.toFixed(2)} times the CPU of the contract's`,
    times(share),
    Number(share.toFixed(2)) <= MOST_CPU,
  );
}
