import { dirname, posix } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

interface Places {
  /** Whether the repository has a file. */
  readonly exists: (path: string) => boolean;
  /** The address of the repository, where it is known. */
  readonly repository: string | undefined;
}

/**
 * Makes links between the files of the repository work on the site: a README is the index of its
 * folder, and what is no page is shown in the repository, or is text where its address is unknown.
 */
export function resolveLinks(md: MarkdownRenderer, places: Places): void {
  md.core.ruler.after('inline', 'repository-links', ({ tokens, env }) => {
    const folder = dirname(String(env.relativePath));
    for (const { children } of tokens) {
      let unlinking = false;
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const target = targetOf(String(token.attrGet('href')), folder, places);
          unlinking = target === undefined;
          if (target !== undefined) token.attrSet('href', target);
        }
        if (unlinking && /^link_(open|close)$/.test(token.type)) {
          unlinking = token.type === 'link_open';
          token.type = 'text';
          token.tag = '';
          token.content = '';
          token.nesting = 0;
        }
      }
    }
  });
}

function targetOf(href: string, folder: string, places: Places): string | undefined {
  if (/^([a-z]+:|#)/.test(href)) return href;
  const [path = '', anchor] = href.split('#');
  const file = posix.join(folder, path);
  const suffix = anchor === undefined ? '' : `#${anchor}`;
  if (file.endsWith('.md')) return `${path.replace(/README\.md$/, 'index.md')}${suffix}`;
  if (places.exists(`${file}/README.md`)) return `${path}/index.md${suffix}`;
  return places.repository === undefined ? undefined : `${places.repository}/blob/main/${file}`;
}
