import type { WriteFigures, WritesResult } from '../tables/writes.ts';
import { count, medianRatio, middle, ratio, times } from './figures.ts';
import { type Goal, goalTable } from './goals.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

/** Of the CPU that a row of visitors costs in the contract's schema. */
const MOST_CPU = 0.77;

export function writesSection({ rounds, rows, figures }: WritesResult): Section {
  const parts = rows.map(({ batch }) => part(figures, batch));
  return {
    goals: parts.flatMap(({ goals }) => goals),
    charts: {},
    markdown: `## Writing rows

The schema as shipped, beside the contract as it reads word by word: with a plain index besides the one behind
each UNIQUE constraint. What is shipped has checks that the other has not; visitors are measured with and
without their check of \`ip_hash\`. ${rounds} interleaved rounds with one client, into tables that grow:
of each kind ${rows.map(wayOf).join(', and ')}; keys are random. Medians,
and beside them how many times as much as the contract's in the same round. CPU time is the server's alone. Bytes
of indexes are what they have grown by over all rounds.

${parts.map(({ markdown }) => markdown).join('\n\n')}`,
  };
}

function wayOf({ batch, rows }: WritesResult['rows'][number]): string {
  return batch === 1
    ? `${count(rows)} rows in an INSERT each`
    : `${count(rows)} rows in INSERTs of ${count(batch)}`;
}

function part(
  figures: readonly WriteFigures[],
  batch: number,
): { readonly markdown: string; readonly goals: readonly Goal[] } {
  const own = figures.filter((one) => one.batch === batch);
  const literalOf = (title: string) => {
    const found = own.findLast((one) => one.title === title);
    if (found === undefined) throw new Error(`no figures of ${title}`);
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
  const goals = cpuGoals(own, batch);
  const markdown = `### ${batch === 1 ? 'A row an INSERT' : `${count(batch)} rows an INSERT`}

${table(
  [
    'row',
    'schema',
    'rows a second',
    'µs of CPU a row',
    'WAL bytes a row',
    'bytes of indexes a row',
  ],
  own.map((one) => {
    const literal = literalOf(one.title);
    return [one.title, one.schema, ...cells(one, literal), bytes(one, literal)];
  }),
)}

${goals.length > 0 ? goalTable(goals) : 'CPU time is unknown on this system.'}`;
  return { markdown, goals };
}

function cpuGoals(figures: readonly WriteFigures[], batch: number): Goal[] {
  const visitors = figures.filter(({ table: name }) => name === 'visitors');
  return [...new Set(visitors.map(({ title }) => title))].flatMap((title): Goal[] | Goal => {
    const own = visitors.filter((one) => one.title === title);
    const [shipped, unchecked, literal] = [own[0], own[1], own.at(-1)];
    if (!shipped?.cpuPerRow.length || !unchecked || !literal) return [];
    const share = medianRatio(shipped.cpuPerRow, literal.cpuPerRow);
    return {
      goal: `${title}, ${batch === 1 ? 'a row' : `${count(batch)} rows`} an INSERT: at most ${MOST_CPU.toFixed(2)} times the CPU of the contract's`,
      measured: times(share),
      met: Number(share.toFixed(2)) <= MOST_CPU,
      limit: `without the check of ip_hash, with nothing left but the contract and one index less, ${times(medianRatio(unchecked.cpuPerRow, literal.cpuPerRow))}`,
    };
  });
}
