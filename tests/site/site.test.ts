import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf, SECTIONS } from '../../site/.vitepress/sections.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { skipUnless } from '../support/tools.ts';
import {
  type Browser,
  type Context,
  findChromium,
  isSiteInstalled,
  launchChromium,
  type Page,
} from './browser.ts';
import { buildSite, pagesIn, serve } from './build-site.ts';
import * as inPage from './in-page.ts';

const chromium = findChromium();
const installed =
  skipUnless(isSiteInstalled(), 'VitePress is missing. Run: npm ci --prefix site') &&
  skipUnless(
    chromium !== undefined,
    'Chromium is missing. Run: apt-get install chromium-headless-shell',
  );

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };

/** What a visit to a page found. */
interface Visit {
  readonly links: readonly string[];
  readonly anchors: readonly string[];
  readonly problems: Readonly<Record<string, readonly string[]>>;
}

let url: string;
let server: Server | undefined;
let browser: Browser | undefined;
/** One for all pages, which then share what they have loaded. */
let context: Context | undefined;
let visits: Readonly<Record<string, Visit>>;

beforeAll(async () => {
  if (!installed || chromium === undefined) return;
  const folder = temporaryFolder();
  await buildSite(folder);
  browser = await launchChromium(chromium);
  context = await browser.newContext();
  ({ server, url } = await serve(folder));
  visits = await visitAll(pagesIn(folder));
}, 300_000);
afterAll(async () => {
  await browser?.close();
  server?.close();
});

async function newPage(): Promise<Page> {
  const page = await context?.newPage();
  if (page === undefined) throw new Error('There is no browser.');
  return page;
}

/** Visits every page once, in three tabs. */
async function visitAll(paths: readonly string[]): Promise<Record<string, Visit>> {
  const left = [...paths];
  const found: Record<string, Visit> = {};
  const inTab = async () => {
    const page = await newPage();
    const errors = errorsOf(page);
    for (let path = left.shift(); path !== undefined; path = left.shift()) {
      found[path] = await visit(page, path, errors);
    }
    await page.close();
  };
  await Promise.all([inTab(), inTab(), inTab()]);
  return found;
}

/** What goes wrong in a tab. */
function errorsOf(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('response', (response) => {
    if (response.status() >= 400) errors.push(`${response.status()} ${response.url()}`);
  });
  return errors;
}

async function visit(page: Page, path: string, errors: string[]): Promise<Visit> {
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${url}${path}`);
  await page.waitForFunction(inPage.MOUNTED);
  await page.waitForFunction(inPage.DRAWN);
  const dark = await page.evaluate<string[]>(inPage.FAINT_TEXTS);
  const transparent = await page.evaluate<string[]>(inPage.TRANSPARENT_PICTURES);
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await page.evaluate<string[]>(inPage.FAINT_TEXTS);
  await page.setViewportSize(PHONE);
  const wider = await page.evaluate<string[]>(inPage.WIDER_THAN_WINDOW);
  const links = await page.evaluate<string[]>(inPage.LINKS);
  const anchors = await page.evaluate<string[]>(inPage.ANCHORS);
  const problems = { errors: errors.splice(0), dark, light, transparent, wider };
  return { links, anchors, problems };
}

/** The pages with a problem of a kind. */
function pagesWith(problem: string): Record<string, readonly string[]> {
  const all = Object.entries(visits).map(([path, { problems }]) => [path, problems[problem] ?? []]);
  return Object.fromEntries(all.filter(([, found]) => found?.length !== 0));
}

test('every page of the sidebar is built, and every page is in the sidebar', () => {
  const listed = SECTIONS.flatMap(({ pages }) => pages).map(addressOf);
  expect(Object.keys(visits).sort()).toEqual(listed.sort());
});

test('every page loads without an error', () => {
  expect(pagesWith('errors')).toEqual({});
});

test('every link leads to a page, and to an anchor in it', () => {
  const dead = Object.entries(visits).flatMap(([path, { links }]) =>
    links
      .filter((link) => link.startsWith(url))
      .map((link) => new URL(link))
      .filter(({ pathname, hash }) => {
        const target = visits[pathname];
        return (
          !target || (hash !== '' && !target.anchors.includes(decodeURIComponent(hash.slice(1))))
        );
      })
      .map(({ pathname, hash }) => `${path} leads to ${pathname}${hash}`),
  );
  expect(dead).toEqual([]);
});

test('no page scrolls sideways at the width of a phone', () => {
  expect(pagesWith('wider')).toEqual({});
});

test('every text has enough contrast on a light page and on a dark one', () => {
  expect([pagesWith('light'), pagesWith('dark')]).toEqual([{}, {}]);
});

test('every picture has a ground of its own, so that a dark page does not hide its lines', () => {
  expect(pagesWith('transparent')).toEqual({});
});

describe('the search', () => {
  let page: Page;
  beforeAll(async () => {
    page = await newPage();
    await page.goto(url);
    await page.waitForFunction(inPage.MOUNTED);
    await page.click('.VPNavBarSearch button');
  });
  afterAll(() => page.close());

  test.each([
    ['PREFLIGHT_FAILED', '/docs/errors'],
    ['purge_tracking_data', '/docs/privacy'],
    ['statementTimeoutMs', '/docs/deploying'],
    ['FUNCTION_CONFLICT', '/docs/findings'],
    // What a newcomer asks.
    ['cookie for how long', '/docs/click-to-conversion'],
    ['which visitor a lead was', '/docs/click-to-conversion'],
    ['lead by phone', '/docs/click-to-conversion'],
    ['role of the application', '/docs/access'],
    ['leads bigint', '/docs/deploying'],
    ['leads in another schema', '/docs/deploying'],
    ['select no rows', '/docs/access'],
    ['transaction Drizzle', '/docs/orms'],
    ['alert page', '/docs/monitoring'],
    ['dead letter error_code', '/docs/troubleshooting'],
    ['INVALID_GCLID', '/docs/queue-functions'],
    ['has Google counted', '/docs/queue'],
    ['deal lost', '/docs/click-to-conversion'],
    ['last quarter', '/docs/backfill'],
    ['delete one person', '/docs/privacy'],
    ['two versions', '/docs/upgrading'],
    ['how big', '/docs/scaling'],
    ['remove', '/docs/upgrading'],
  ])('for %s finds %s among the first five', async (words, path) => {
    await page.fill('.VPLocalSearchBox input', '');
    await page.waitForFunction(`${inPage.RESULTS}.length === 0`);
    await page.fill('.VPLocalSearchBox input', words);
    await page.waitForFunction(`${inPage.RESULTS}.length > 0`);
    const found = await page.evaluate<string[]>(inPage.RESULTS);
    expect(found.slice(0, 5).map((link) => new URL(link).pathname)).toContain(path);
  });
});
