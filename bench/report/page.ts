import { readFileSync } from 'node:fs';
import { checkGoals } from '../goals.ts';
import { nameOf } from '../lines.ts';
import { type MeasuredSection, type Results, SECTIONS, type SectionName } from '../results.ts';
import { SERVER_SETTINGS } from '../server.ts';
import { ratio, sectionTable, table } from './markdown.ts';

const TEMPLATE = readFileSync(new URL('page.md', import.meta.url), 'utf8');

/** docs/benchmarks.md: the template, with what the results say in place of each {{placeholder}}. */
export function renderPage(results: Results): string {
  return TEMPLATE.replaceAll(/\{\{(\w+) ?([^}]*)\}\}/g, (_, name: string, argument: string) => {
    const render = PLACEHOLDERS[name];
    if (render === undefined) throw new Error(`The template has an unknown {{${name}}}.`);
    return render(results, argument);
  });
}

const PLACEHOLDERS: Readonly<Record<string, (results: Results, argument: string) => string>> = {
  table: (results, name) => sectionTable(section(results, name)),
  ratio: (results, argument) => {
    const [name = '', what = ''] = argument.split(': ');
    const { lines, columns } = section(results, name);
    const line = lines.find((one) => nameOf(one) === what);
    if (line === undefined) throw new Error(`The template has an unknown line "${what}".`);
    return ratio(line, columns);
  },
  version: ({ versions }, name) => versions[name] ?? '',
  behind: (results) => {
    const rows = checkGoals(results)
      .filter(({ met }) => !met)
      .map(({ section: name, line, against, atMost, measured, limit = '' }) => [
        `${name}: ${line}`,
        `${atMost.toFixed(2)}× of ${measured?.other ?? against}`,
        measured ? `${measured.cost.toFixed(2)}×` : '–',
        limit,
      ]);
    return rows.length === 0
      ? 'Every goal is met.'
      : table(['line', 'goal', 'measured', 'the limit'], rows);
  },
  runs: ({ sections }) => {
    const runs = SECTIONS.flatMap((name) => sections[name] ?? []).map(({ startedAt, commit }) => {
      return `${startedAt.slice(0, 16).replace('T', ' ')} UTC at commit ${commit ?? 'unknown'}`;
    });
    return [...new Set(runs)].join('; ');
  },
  minutes: ({ sections }) => {
    const seconds = SECTIONS.map((name) => sections[name]?.seconds ?? 0);
    return String(Math.ceil(seconds.reduce((sum, one) => sum + one, 0) / 60));
  },
  machine: ({ machine: { cpu, cores, memoryGb, os, node } }) =>
    `${cpu}, ${cores} cores, ${memoryGb} GB of memory, ${os}, Node ${node.slice(1)}`,
  postgres: ({ postgres }) => postgres,
  settings: () =>
    Object.entries(SERVER_SETTINGS)
      .map(([name, value]) => `\`${name} = ${value}\``)
      .join(', '),
};

function section({ sections }: Results, name: string): MeasuredSection {
  const found = sections[name as SectionName];
  if (found === undefined) throw new Error(`${name} has not been measured.`);
  return found;
}
