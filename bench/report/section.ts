import type { Goal } from './goals.ts';

/** A benchmark's part of the report. */
export interface Section {
  /** Begins with its heading. */
  readonly markdown: string;
  readonly goals: readonly Goal[];
  /** SVG by file name; the text refers to them as benchmarks/<name>. */
  readonly charts: Readonly<Record<string, string>>;
}
