/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'log';
}

export interface LineChart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const WIDTH = 800;
const HEIGHT = 420;
const PLOT = { left: 80, right: 520, top: 50, bottom: 360 };
/** Told apart without red and green, and by their markers. */
export const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'];
const MARKERS = [
  (x: string, y: string) => `<circle cx="${x}" cy="${y}" r="3.5"/>`,
  (x: string, y: string) =>
    `<rect x="${x}" y="${y}" width="7" height="7" transform="translate(-3.5 -3.5)"/>`,
  (x: string, y: string) => `<path d="M-4 3.5L0 -4L4 3.5Z" transform="translate(${x} ${y})"/>`,
];

/** Draws lines over two axes, as SVG on a white ground. */
export function lineChart({ title, x, y, series }: LineChart): string {
  const points = series.flatMap((one) => one.points);
  const across = scaleOf(
    x,
    points.map(([at]) => at),
    PLOT.left,
    PLOT.right,
  );
  const up = scaleOf(
    y,
    points.map(([, at]) => at),
    PLOT.bottom,
    PLOT.top,
  );
  const text = (at: string, words: string) => `<text ${at}>${escaped(words)}</text>`;
  const lines = [
    text(`x="${PLOT.left}" y="26" font-size="15" font-weight="bold"`, title),
    text(`x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 16}" text-anchor="middle"`, x.label),
    text(
      `transform="translate(18 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)" text-anchor="middle"`,
      y.label,
    ),
    ...across.ticks.flatMap((tick) => {
      const at = across.place(tick);
      return [
        `<path d="M${at} ${PLOT.top}V${PLOT.bottom}" stroke="#e4e4e4"/>`,
        text(`x="${at}" y="${PLOT.bottom + 18}" text-anchor="middle"`, short(tick)),
      ];
    }),
    ...up.ticks.flatMap((tick) => {
      const at = up.place(tick);
      return [
        `<path d="M${PLOT.left} ${at}H${PLOT.right}" stroke="#e4e4e4"/>`,
        text(
          `x="${PLOT.left - 8}" y="${at}" text-anchor="end" dominant-baseline="middle"`,
          short(tick),
        ),
      ];
    }),
    `<path d="M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}" fill="none" stroke="#333"/>`,
    ...series.flatMap(({ name, points: own }, index) => {
      const colour = COLOURS[index % COLOURS.length] ?? '#000';
      const marker = MARKERS[index % MARKERS.length];
      const places = own.map(([a, b]) => [across.place(a), up.place(b)] as const);
      const legend = PLOT.top + 10 + index * 20;
      return [
        `<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        `<g fill="${colour}">${places.map(([a, b]) => marker?.(a, b)).join('')}${marker?.(`${PLOT.right + 16}`, `${legend}`)}</g>`,
        text(`x="${PLOT.right + 26}" y="${legend}" dominant-baseline="middle"`, name),
      ];
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#222">
<title>${escaped(title)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${lines.join('\n')}
</svg>
`;
}

interface Scale {
  readonly ticks: readonly number[];
  place(value: number): string;
}

function scaleOf({ scale }: Axis, values: readonly number[], from: number, to: number): Scale {
  const ticks =
    scale === 'log'
      ? powersAround(Math.min(...values), Math.max(...values))
      : roundSteps(Math.max(...values));
  const measure = scale === 'log' ? Math.log10 : (value: number) => value;
  const [low, high] = [measure(ticks[0] ?? 0), measure(ticks.at(-1) ?? 1)];
  return {
    ticks,
    place: (value) => (from + ((measure(value) - low) / (high - low)) * (to - from)).toFixed(1),
  };
}

/** Powers of ten, from the one below the smallest value to the one above the largest. */
function powersAround(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.max(Math.ceil(Math.log10(high)), first + 1);
  return Array.from({ length: last - first + 1 }, (_, step) => 10 ** (first + step));
}

/** From nothing to above the largest value, in four to ten round steps. */
export function roundSteps(high: number): number[] {
  const power = 10 ** Math.floor(Math.log10(high / 4));
  const step = ([1, 2, 5, 10].find((times) => high / (times * power) <= 8) ?? 10) * power;
  return Array.from({ length: Math.ceil(high / step) + 1 }, (_, index) => index * step);
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1e4) return `${value / 1e3}k`;
  return String(Number(value.toPrecision(3)));
}

export function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
