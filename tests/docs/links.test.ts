import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GUIDES = readdirSync(join(ROOT, 'docs'))
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/${file}`);
const EXAMPLES = readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
  .map((entry) => (entry.isFile() ? entry.name : join(entry.name, 'README.md')))
  .filter((file) => file.endsWith('.md') && existsSync(join(ROOT, 'examples', file)))
  .map((file) => `examples/${file}`);
const DOCUMENTS = ['README.md', 'CHANGELOG.md', ...GUIDES, ...EXAMPLES];

/** The anchors that GitHub gives to a document's headings. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test.each(DOCUMENTS)('the links of %s lead to files and headings that are there', (path) => {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const broken = links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? join(ROOT, path) : join(ROOT, dirname(path), file);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchors(readFileSync(target, 'utf8')).includes(anchor);
    });
  expect(broken).toEqual([]);
});

test('the README leads to every guide', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  expect(GUIDES.filter((guide) => !readme.includes(`(${guide})`))).toEqual([]);
});
