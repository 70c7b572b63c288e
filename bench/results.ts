import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SectionResult } from './lines.ts';
import type { Machine } from './machine.ts';

/** The benchmarks, in the order of the page. */
export const SECTIONS = ['boot', 'install', 'replicas', 'queue', 'growth', 'visitors'] as const;
export type SectionName = (typeof SECTIONS)[number];

/** A section, and the run that measured it. */
export interface MeasuredSection extends SectionResult {
  /** When its run began, in ISO 8601. */
  readonly startedAt: string;
  /** What was checked out, with a plus if files differed from it; undefined outside of git. */
  readonly commit?: string | undefined;
  readonly seconds: number;
}

export interface Results {
  readonly machine: Machine;
  readonly postgres: string;
  /** Of the tools compared, by package. */
  readonly versions: Readonly<Record<string, string>>;
  readonly sections: { readonly [Name in SectionName]?: MeasuredSection };
}

export function readResults(file: string | URL): Results | undefined {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Adds a section to those measured before on the same machine with the same versions. */
export function addSection(file: string, measured: Results): void {
  const before = readResults(file);
  const placeOf = ({ machine, postgres, versions }: Results) =>
    JSON.stringify([machine, postgres, versions]);
  const kept = before && placeOf(before) === placeOf(measured) ? before.sections : {};
  mkdirSync(dirname(file), { recursive: true });
  const sections = { ...kept, ...measured.sections };
  const json = JSON.stringify({ ...measured, sections }, null, 1);
  // The figures of a column in a line.
  const short = json.replaceAll(/\[[-\d.,\s]+\]/g, (list) => list.replaceAll(/\s+/g, ''));
  writeFileSync(file, `${short}\n`);
}
