import { createHash } from 'node:crypto';
import { type Column, type Line, median, nameOf } from '../lines.ts';
import type { Results, SectionName } from '../results.ts';
import { count } from './markdown.ts';

/** A chart of Vega-Lite. */
export type Spec = Readonly<Record<string, unknown>>;

/** Legible wherever the page is shown, since they bring their background along. */
const LOOK = {
  background: '#ffffff',
  padding: 16,
  config: {
    font: 'Helvetica, Arial, sans-serif',
    axis: { labelFontSize: 12, titleFontSize: 12, labelLimit: 0, titleFontWeight: 'normal' },
    header: { labelFontSize: 13, labelLimit: 0, labelFontWeight: 'bold' },
    title: { fontSize: 15, anchor: 'start', offset: 12 },
    legend: { labelFontSize: 12, labelLimit: 0, symbolStrokeWidth: 3 },
    view: { stroke: null },
  },
};
const COLOURS = { ours: '#1f6feb', peer: '#8c959f', other: '#79b0ff', limit: '#d0d7de' };

/** The charts by their names: the section, the lines and how they are drawn. */
export function chartSpecs({ sections }: Results): Record<string, Spec> {
  const of = (name: SectionName) => sections[name] ?? { columns: [], lines: [] };
  const chosen = (name: SectionName, ...names: readonly string[]) =>
    of(name).lines.filter((line) => names.includes(nameOf(line)));
  const { boot, queue, growth } = {
    boot: chosen('boot', 'new process (ms)', 'warm (ms)'),
    queue: of('queue').lines.filter(
      ({ unit, what }) => unit === 'entries/s' && what.endsWith('4 workers'),
    ),
    growth: of('growth').lines.filter(({ unit }) => unit === 'ms'),
  };
  const replicas = of('replicas').lines.filter(
    ({ what, unit }) => unit === 'ms' && /(empty|up to date)$/.test(what),
  );
  return {
    boot: bars('A boot with nothing to do', boot, of('boot').columns),
    replicas: bars('Until all processes are up', replicas, of('replicas').columns),
    queue: bars('Entries claimed and completed', queue, of('queue').columns),
    growth: curves('A call as the tables grow', growth, of('growth').columns),
  };
}

/** A panel a line, a bar a column. Each panel has a scale of its own. */
function bars(title: string, lines: readonly Line[], columns: readonly Column[]): Spec {
  const panels = lines.map((line) => {
    const values = columns.flatMap(({ name, role }) => {
      const value = median(line.samples[name]);
      if (Number.isNaN(value)) return [];
      return [{ name, value, text: count(value), colour: COLOURS[role as keyof typeof COLOURS] }];
    });
    const most = Math.max(...values.map(({ value }) => value));
    const y = { field: 'name', type: 'nominal', sort: null, axis: { title: null, ticks: false } };
    // Room for the figure at the end of the longest bar.
    const x = {
      field: 'value',
      type: 'quantitative',
      scale: { domain: [0, most * 1.2] },
      axis: null,
    };
    return {
      title: { text: nameOf(line), fontSize: 13, offset: 4 },
      width: 210,
      height: { step: 20 },
      data: { values },
      encoding: { x, y },
      layer: [
        { mark: { type: 'bar' }, encoding: { color: { field: 'colour', scale: null } } },
        {
          mark: { type: 'text', align: 'left', dx: 5, fontSize: 12 },
          encoding: { text: { field: 'text' } },
        },
      ],
    };
  });
  return { ...LOOK, title, columns: 2, spacing: 24, concat: panels };
}

/** A curve a line, over the columns' sizes. */
function curves(title: string, lines: readonly Line[], columns: readonly Column[]): Spec {
  const values = lines.flatMap((line) =>
    columns.flatMap(({ name }) => {
      const value = median(line.samples[name]);
      return Number.isNaN(value)
        ? []
        : [{ line: line.what, rows: Number(name.replaceAll(',', '')), value }];
    }),
  );
  const sizes = [...new Set(values.map(({ rows }) => rows))];
  return {
    ...LOOK,
    title,
    width: 460,
    height: 300,
    data: { values },
    mark: { type: 'line', point: true, strokeWidth: 2 },
    encoding: {
      x: {
        ...{ field: 'rows', type: 'quantitative', scale: { type: 'log' } },
        axis: {
          title: 'rows of each table',
          values: sizes,
          format: ',',
          grid: false,
          labelFlush: false,
        },
      },
      y: {
        ...{ field: 'value', type: 'quantitative', scale: { type: 'log' } },
        axis: { title: 'ms', values: [0.1, 1, 10, 100, 1000], format: '~g' },
      },
      color: {
        ...{ field: 'line', type: 'nominal', sort: null, scale: { scheme: 'tableau10' } },
        legend: { title: null },
      },
    },
  };
}

/** Stands in a chart's file, and says what it was drawn from. */
export function drawnFrom(spec: Spec): string {
  const digest = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 16);
  return `<!-- drawn from ${digest} -->`;
}
