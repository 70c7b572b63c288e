/** Prints counts by world and way, a line each, when a file of the suite is done. */
export function printCounts(
  heading: string,
  rows: readonly Readonly<Record<string, string | number>>[],
): void {
  const names = Object.keys(rows[0] ?? {});
  const widths = names.map((name) =>
    Math.max(name.length, ...rows.map((row) => String(row[name] ?? '').length)),
  );
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, at) =>
        typeof cell === 'number'
          ? String(cell).padStart(widths[at] ?? 0)
          : cell.padEnd(widths[at] ?? 0),
      )
      .join('  ');
  const body = rows.map((row) => line(names.map((name) => row[name] ?? '')));
  console.info([heading, line(names), ...body, ''].join('\n'));
}
