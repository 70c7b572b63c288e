import { appendFileSync } from 'node:fs';
import { inject } from 'vitest';

/** One row of the fault suite's table, printed when the run ends. */
export interface Tally {
  readonly fault: string;
  /** How often the fault was brought about. */
  readonly tried: number;
  /** How often the database was right afterwards, and the next call succeeded. */
  readonly survived: number;
  /** Anything else that was counted or measured, in words. */
  readonly note?: string;
}

/** Puts a row into the table. */
export function tally(row: Tally): void {
  appendFileSync(inject('tallyFile'), `${JSON.stringify(row)}\n`);
}

/** The table as text; empty where no fault was tried. */
export function tallyTable(lines: string): string {
  const rows = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Tally);
  if (rows.length === 0) return '';
  const width = Math.max(...rows.map(({ fault }) => fault.length));
  const body = rows.map(({ fault, tried, survived, note }) =>
    [
      fault.padEnd(width),
      String(tried).padStart(6),
      String(survived).padStart(9),
      String(tried - survived).padStart(5),
      note ? `  ${note}` : '',
    ].join(' '),
  );
  return [`${'fault'.padEnd(width)}  tried  survived  lost`, ...body, ''].join('\n');
}
