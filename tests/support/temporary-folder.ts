import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterFile } from './after-file.ts';

const folders: string[] = [];

/** A folder outside the repository that is removed when its test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-schema-folder-'));
  folders.push(folder);
  return folder;
}

afterFile(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
