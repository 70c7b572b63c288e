import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import {
  giveToServer,
  newServerFolder,
  removeServerFolder,
  SERVER_USER,
  sharedFolders,
} from '../../scripts/server-folders.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

function newFolder(): string {
  const folder = newServerFolder();
  onTestFinished(() => removeServerFolder(folder));
  return folder;
}

/** No process has the highest number. */
const GONE = 4_194_304;

/** A folder as one of a process that is gone, with another prefix. */
function folderOfGoneProcess(change: (prefix: string) => string): string {
  const one = newFolder();
  const prefix = basename(one).slice(0, -`${process.pid}-XXXXXX`.length);
  const folder = join(dirname(one), `${change(prefix)}${GONE}-XXXXXX`);
  mkdirSync(folder);
  giveToServer(folder);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('removes the folders of processes that are gone', () => {
  const left = folderOfGoneProcess((prefix) => prefix);
  newFolder();
  expect(existsSync(left)).toBe(false);
});

test.runIf(process.platform === 'linux')(
  'keeps the folders of processes in another container',
  () => {
    const left = folderOfGoneProcess((prefix) => prefix.replace(/\d+/, '1'));
    newFolder();
    expect(existsSync(left)).toBe(true);
  },
);

test('uses no folder below one that others can write to', () => {
  const open = mkdtempSync(join(tmpdir(), 'open-'));
  onTestFinished(() => rmSync(open, { recursive: true }));
  const cache = join(open, 'cache');
  mkdirSync(cache, { mode: 0o755 });
  chmodSync(open, 0o755);
  vi.stubEnv('XDG_CACHE_HOME', cache);
  expect(dirname([...sharedFolders()][0] ?? '')).toBe(cache);
  chmodSync(open, 0o777);
  expect([...sharedFolders()].map(dirname)).not.toContain(cache);
});

test.runIf(SERVER_USER.uid !== undefined)("removes a folder as the server's user", () => {
  const folder = newFolder();
  const ofRoot = join(folder, 'of-root');
  mkdirSync(ofRoot);
  writeFileSync(join(ofRoot, 'file'), '');
  writeFileSync(join(folder, 'file'), '');
  removeServerFolder(folder);
  expect(existsSync(join(folder, 'file'))).toBe(false);
  expect(existsSync(join(ofRoot, 'file'))).toBe(true);
  rmSync(ofRoot, { recursive: true });
});
