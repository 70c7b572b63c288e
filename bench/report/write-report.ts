import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importPeer } from '../peers.ts';
import { readResults, SECTIONS } from '../results.ts';
import { chartSpecs, drawnFrom, type Spec } from './charts.ts';
import { renderPage } from './page.ts';

/** Vega, as far as it is used here. */
interface Vega {
  parse(spec: object): object;
  readonly View: new (
    runtime: object,
    options: { renderer: 'none' },
  ) => {
    toSVG(): Promise<string>;
  };
}

interface VegaLite {
  compile(spec: Spec): { readonly spec: object };
}

/** Writes the page and its charts from the results in a file. */
export async function writeReport(file: string): Promise<void> {
  const results = readResults(file);
  const missing = SECTIONS.filter((name) => results?.sections[name] === undefined);
  if (results === undefined || missing.length > 0) {
    process.stderr.write(`The page is not written: measure ${missing.join(', ')} first.\n`);
    return;
  }
  const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
  mkdirSync(`${docs}benchmarks`, { recursive: true });
  writeFileSync(`${docs}benchmarks.md`, renderPage(results));
  for (const [name, spec] of Object.entries(chartSpecs(results))) {
    writeFileSync(`${docs}benchmarks/${name}.svg`, await draw(spec));
  }
}

export async function draw(spec: Spec): Promise<string> {
  const vega = await importPeer<Vega>('vega');
  const { compile } = await importPeer<VegaLite>('vega-lite');
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  return `${await view.toSVG()}\n${drawnFrom(spec)}\n`;
}
