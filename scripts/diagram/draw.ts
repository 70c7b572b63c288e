import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diagramIn, markOf } from './mark.ts';

// Draws the diagram of docs/schema.md as docs/pictures/schema.svg. Needs Chromium, as `chromium` or
// where CHROMIUM says. Usage: npm install --prefix scripts/diagram && npx tsx scripts/diagram/draw.ts

const SETTINGS = {
  theme: 'base',
  fontFamily: "'DejaVu Sans', Verdana, sans-serif",
  htmlLabels: false,
  deterministicIds: true,
  themeVariables: {
    primaryColor: '#ddf4ff',
    primaryBorderColor: '#0969da',
    primaryTextColor: '#1f2328',
    lineColor: '#57606a',
    tertiaryColor: '#ffffff',
    edgeLabelBackground: '#ffffff',
    fontSize: '14px',
  },
};

/** Well-formed, and readable on a dark page. */
function onWhite(svg: string): string {
  return svg.replaceAll('<br>', '<br/>').replace(' style="', ' style="background-color: white; ');
}

/** The same lines with one digit after the point: half the size. */
function shorter(svg: string): string {
  return svg.replace(/ d="[^"]*"/g, (path) => path.replace(/(\.\d)\d+/g, '$1'));
}

const library = createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js');
const diagram = diagramIn(readFileSync(new URL('../../docs/schema.md', import.meta.url), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'diagram-'));
try {
  const page = join(folder, 'page.html');
  writeFileSync(
    page,
    `<!doctype html><meta charset="utf-8"><body style="background: white">
     <pre class="mermaid">${diagram}</pre>
     <script src="file://${library}"></script>
     <script>mermaid.initialize(${JSON.stringify(SETTINGS)});</script>`,
  );
  const dom = execFileSync(
    process.env.CHROMIUM ?? 'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      ...['--window-size=1400,1400', `--user-data-dir=${join(folder, 'profile')}`],
      ...['--virtual-time-budget=20000', '--dump-dom', `file://${page}`],
    ],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const [svg] = /<svg[\s\S]*<\/svg>/.exec(dom) ?? [];
  if (svg === undefined) throw new Error('Mermaid drew nothing.');
  const target = fileURLToPath(new URL('../../docs/pictures/schema.svg', import.meta.url));
  writeFileSync(target, `${markOf(diagram)}\n${shorter(onWhite(svg))}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
