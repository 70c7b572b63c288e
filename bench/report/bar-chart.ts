import { COLOURS, escaped, roundSteps } from './line-chart.ts';

/** Values of one kind in all groups. */
export interface Bars {
  readonly name: string;
  /** One for each group; undefined where there is none. */
  readonly values: readonly (number | undefined)[];
}

export interface BarChart {
  readonly title: string;
  readonly label: string;
  readonly groups: readonly string[];
  readonly series: readonly Bars[];
  /** Where a line goes down, to compare with. */
  readonly mark: number;
  /** Digits after the point of the values that are written. Default: 2. */
  readonly digits?: number;
}

const WIDTH = 800;
/** Room for a letter of a group's name. */
const LETTER = 6.6;
const RIGHT = 700;
const TOP = 72;
const BAR = 11;
const GAP = 12;

/** Draws horizontal bars in groups, each with its value at its end, as SVG on a white ground. */
export function barChart({ title, label, groups, series, mark, digits = 2 }: BarChart): string {
  const left = 24 + Math.round(Math.max(...groups.map(({ length }) => length)) * LETTER);
  const values = series.flatMap((one) => one.values.filter((value) => value !== undefined));
  const ticks = roundSteps(Math.max(...values));
  const place = (value: number) =>
    (left + (value / (ticks.at(-1) ?? 1)) * (RIGHT - left)).toFixed(1);
  const groupHeight = series.length * BAR + GAP;
  const bottom = TOP + groups.length * groupHeight;
  const text = (at: string, words: string) => `<text ${at}>${escaped(words)}</text>`;
  const colour = (index: number) => COLOURS[index % COLOURS.length] ?? '#000';
  const lines = [
    text('x="16" y="26" font-size="15" font-weight="bold"', title),
    ...series.flatMap(({ name }, index) => [
      `<rect x="${left + index * 170}" y="42" width="12" height="12" fill="${colour(index)}"/>`,
      text(`x="${left + index * 170 + 18}" y="52"`, name),
    ]),
    ...ticks.flatMap((tick) => [
      `<path d="M${place(tick)} ${TOP}V${bottom}" stroke="#e4e4e4"/>`,
      text(`x="${place(tick)}" y="${bottom + 18}" text-anchor="middle"`, String(tick)),
    ]),
    `<path d="M${place(mark)} ${TOP}V${bottom}" stroke="#333" stroke-dasharray="4 3"/>`,
    text(`x="${(left + RIGHT) / 2}" y="${bottom + 40}" text-anchor="middle"`, label),
    ...groups.flatMap((group, row) => {
      const top = TOP + GAP / 2 + row * groupHeight;
      const middle = top + (series.length * BAR) / 2;
      return [
        text(`x="${left - 8}" y="${middle}" text-anchor="end" dominant-baseline="middle"`, group),
        ...series.flatMap(({ values: own }, index) => {
          const value = own[row];
          if (value === undefined) return [];
          const y = top + index * BAR;
          return [
            `<rect x="${left}" y="${y}" width="${(Number(place(value)) - left).toFixed(1)}" height="${BAR - 2}" fill="${colour(index)}"/>`,
            text(
              `x="${(Number(place(value)) + 5).toFixed(1)}" y="${y + BAR / 2}" font-size="10" dominant-baseline="middle" stroke="#fff" stroke-width="3" paint-order="stroke"`,
              value.toFixed(digits),
            ),
          ];
        }),
      ];
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 56}" font-family="sans-serif" font-size="12" fill="#222">
<title>${escaped(title)}</title>
<rect width="${WIDTH}" height="${bottom + 56}" fill="#fff"/>
${lines.join('\n')}
</svg>
`;
}
