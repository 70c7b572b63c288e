import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { resolveLinks } from './links.ts';
import { drawMermaid } from './mermaid.ts';
import { addressOf, SECTIONS } from './sections.ts';
import { slugOf } from './slug.ts';
import { vueFromHere } from './vue-from-here.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The address of the repository, where it is known. Links to sources lead there. */
const repository = process.env.SITE_REPOSITORY;

/** The first heading of a page. */
function titleOf(file: string): string {
  const [, heading] = /^# (.*)$/m.exec(readFileSync(`${ROOT}/${file}`, 'utf8')) ?? [];
  if (heading === undefined) throw new Error(`${file} has no heading.`);
  return heading.replaceAll('`', '');
}

const READMES = SECTIONS.flatMap(({ pages }) => pages).filter((file) => file.endsWith('README.md'));

export default defineConfig({
  title: 'conversion-tracking-schema',
  description: 'The PostgreSQL schema for server-side conversion tracking, as an npm package.',
  base: process.env.SITE_BASE ?? '/',
  // The pages are those of the repository, which GitHub and the package show as well.
  srcDir: '..',
  srcExclude: ['bench/**', 'dist/**', 'migrations/**', 'site/**', 'src/**', 'tests/**', '.*/**'],
  rewrites: Object.fromEntries(
    READMES.map((file) => [file, file.replace('README.md', 'index.md')]),
  ),
  cleanUrls: true,
  lastUpdated: false,
  vite: { plugins: [vueFromHere()] },
  markdown: {
    // Comments of the default themes are too faint.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    // Braces are text, as on GitHub.
    attrs: { disable: true },
    anchor: { slugify: slugOf },
    config: (md) => {
      resolveLinks(md, { exists: (path) => existsSync(`${ROOT}/${path}`), repository });
      drawMermaid(md);
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    sidebar: SECTIONS.map(({ title, pages, collapsed }) => ({
      text: title,
      ...(collapsed === undefined ? {} : { collapsed }),
      items: pages.map((file) => ({
        text: file === 'README.md' ? 'Overview' : titleOf(file),
        link: addressOf(file),
      })),
    })),
    ...(repository === undefined ? {} : { socialLinks: [{ icon: 'github', link: repository }] }),
  },
});
