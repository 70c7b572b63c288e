/** A benchmark's part of the report. */
export interface Section {
  readonly markdown: string;
  /** SVG by file name; the text refers to them as benchmarks/<name>. */
  readonly charts: Readonly<Record<string, string>>;
}
