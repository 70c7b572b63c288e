import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { slugOf } from '../../site/.vitepress/slug.ts';
import { unpack } from '../package/installed.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MARKDOWN = /\.md$/;

/** The Markdown files of a checkout, or of the package. */
function documentsIn(root: string): string[] {
  const folders = ['docs', 'examples', '.github'].filter((folder) =>
    existsSync(join(root, folder)),
  );
  const below = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => !file.includes('node_modules'))
      .map((file) => `${folder}/${file}`),
  );
  return [...readdirSync(root), ...below].filter((file) => MARKDOWN.test(file)).sort();
}

/** The anchors of a document's headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => slugOf(heading));
}

/** What a document links to within its folder, relative to the document. */
function linksOf(root: string, document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"\s]+)"/g)]
    .map(([, markdown, html]) => markdown ?? html ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The links of a document that lead to no file, or to no heading. */
function deadLinks(root: string, document: string): string[] {
  return linksOf(root, document)
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(root, document) : join(root, dirname(document), path);
      if (!existsSync(file)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
    })
    .map((target) => `${document}: ${target}`);
}

test('every link of the repository leads to a file, and to a heading in it', () => {
  expect(documentsIn(ROOT).flatMap((document) => deadLinks(ROOT, document))).toEqual([]);
});

test('every link of the package leads to a file that is shipped', async () => {
  const { folder } = await unpack();
  const shipped = join(folder, 'node_modules', 'conversion-tracking-schema');
  const documents = documentsIn(shipped);
  expect(documents).toContain('README.md');
  expect(documents.flatMap((document) => deadLinks(shipped, document))).toEqual([]);
});

test('every guide is reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const document of reached) {
    for (const link of linksOf(ROOT, document)) {
      const target = join(dirname(document), link.replace(/#.*/, ''));
      if (MARKDOWN.test(target)) reached.add(target);
    }
  }
  const guides = documentsIn(ROOT).filter((document) => document.startsWith('docs/'));
  expect(guides.filter((guide) => !reached.has(guide))).toEqual([]);
});
