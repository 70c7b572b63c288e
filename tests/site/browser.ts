import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the tests use of Playwright, which is installed with the site. */
export interface Browser {
  newContext(): Promise<Context>;
  close(): Promise<void>;
}

export interface Context {
  newPage(): Promise<Page>;
}

export interface Page {
  goto(url: string): Promise<unknown>;
  /** Evaluates an expression in the page. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** Waits until an expression is true in the page. */
  waitForFunction(expression: string): Promise<unknown>;
  fill(selector: string, text: string): Promise<void>;
  click(selector: string): Promise<void>;
  emulateMedia(media: { readonly colorScheme: 'light' | 'dark' }): Promise<void>;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'response', listener: (response: { status(): number; url(): string }) => void): void;
  close(): Promise<void>;
}

const PROGRAMS = ['chromium', 'chromium-headless-shell', 'google-chrome', 'chrome'];

/** The program of Chromium: `CHROMIUM` in the environment, or the first one on the PATH. */
export function findChromium(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

const PLAYWRIGHT = new URL('../../site/node_modules/playwright-core/index.mjs', import.meta.url);

/** Whether Playwright, and VitePress with it, are installed. */
export const isSiteInstalled = (): boolean => existsSync(PLAYWRIGHT);

export async function launchChromium(executablePath: string): Promise<Browser> {
  const { chromium } = await import(PLAYWRIGHT.href);
  // Root has no sandbox; the pages are the project's own.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
