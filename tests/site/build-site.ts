import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runOrThrow } from '../support/process.ts';

const SITE = fileURLToPath(new URL('../../site', import.meta.url));
const VITEPRESS = join(SITE, 'node_modules/vitepress/bin/vitepress.js');

/** Builds the site into a folder. VitePress fails where a link between pages is dead. */
export async function buildSite(folder: string): Promise<void> {
  const env = { NODE_ENV: 'production' };
  await runOrThrow(process.execPath, [VITEPRESS, 'build', SITE, '--outDir', folder], {
    cwd: SITE,
    env,
  });
}

/** The paths of the pages in a built site: `/docs/queue`, and `/docs/decisions/` for an index. */
export function pagesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html') && file !== '404.html')
    .map((file) => `/${file.replaceAll('\\', '/').replace(/(index)?\.html$/, '')}`)
    .sort();
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

/** Serves a built site, as GitHub Pages does: without `.html` in addresses. */
export async function serve(folder: string): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = [pathname, `${pathname}.html`, `${pathname}/index.html`]
      .map((path) => join(folder, path))
      .find((path) => existsSync(path) && statSync(path).isFile());
    const type = TYPES[extname(file ?? '.html')] ?? 'application/octet-stream';
    response.writeHead(file === undefined ? 404 : 200, {
      'content-type': type,
      'cache-control': 'max-age=600',
    });
    response.end(readFileSync(file ?? join(folder, '404.html')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { server, url: `http://127.0.0.1:${port}` };
}
